variable "name" {
  description = "Name of everything the module makes, 1 to 60 characters."
  type        = string

  validation {
    condition     = length(var.name) >= 1 && length(var.name) <= 60
    error_message = "name must have 1 to 60 characters: the name of a security group has no room for more."
  }
}

variable "network_type" {
  description = "Who can reach the service: public (an address on the internet) or internal (an address in subnet_id)."
  type        = string
  default     = "public"

  validation {
    condition     = contains(["public", "internal"], var.network_type)
    error_message = "network_type must be \"public\" or \"internal\"."
  }
}

variable "vpc_id" {
  description = "VPC of the backends, and of the load balancer where it is internal."
  type        = string
}

variable "subnet_id" {
  description = "Subnet an internal load balancer gets its address from. Null for a public one."
  type        = string
  default     = null

  validation {
    condition     = (var.subnet_id != null) == (var.network_type == "internal")
    error_message = "subnet_id must be set where network_type is \"internal\", and only there."
  }
}

variable "port" {
  description = "UDP port clients connect to. The security group admits this one and no other."
  type        = number
  default     = 443

  validation {
    condition     = var.port >= 1 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port must be a whole number from 1 to 65535."
  }
}

variable "allowed_cidrs" {
  description = "Networks clients may come from."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.allowed_cidrs) > 0
    error_message = "allowed_cidrs must have a network: a security group without rules admits nobody."
  }

  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : can(cidrhost(cidr, 0))])
    error_message = "Each of allowed_cidrs must be a network, such as \"203.0.113.0/24\"."
  }
}

variable "certificate_pem" {
  description = "The server's certificate in PEM form, with its chain."
  type        = string

  validation {
    condition     = startswith(trimspace(var.certificate_pem), "-----BEGIN CERTIFICATE-----")
    error_message = "certificate_pem must be the text of a PEM file, such as file(\"server.pem\"), and the certificate must come first."
  }
}

variable "private_key_pem" {
  description = "The certificate's private key in PEM form. It is uploaded and stored neither in plans nor in the state."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "private_key_version" {
  description = "Any number. Raise it with every new private key: that is how Terraform sees that there is one."
  type        = number
  default     = 1
}

variable "client_ca_pem" {
  description = "CA certificate in PEM form that clients' certificates must come from. Null: clients show none."
  type        = string
  default     = null
}

variable "scheduler" {
  description = "How a backend is chosen for a new connection: weighted_round_robin or least_connections."
  type        = string
  default     = "weighted_round_robin"
}

variable "proxy_protocol" {
  description = "Whether each connection to a backend starts with a PROXY protocol (version 2) header."
  type        = bool
  default     = false
}

variable "health_check" {
  description = "How backends are checked; seconds, and checks in a row."
  type = object({
    enabled             = optional(bool, true)
    interval            = optional(number, 5)
    timeout             = optional(number, 2)
    healthy_threshold   = optional(number, 3)
    unhealthy_threshold = optional(number, 3)
  })
  default = {}
}

variable "pools" {
  description = "Backends by the name of their pool; a pool can be added, reweighted and removed without the others. Weights go from 0 (no new connections) to 100."
  type = map(list(object({
    address = string
    port    = optional(number, 8080)
    weight  = optional(number, 10)
  })))
  default = {}

  validation {
    condition     = alltrue([for pool in var.pools : length(pool) > 0])
    error_message = "Each pool must have a backend: leave out a pool that has none."
  }

  validation {
    condition     = alltrue([for backend in flatten(values(var.pools)) : backend.weight >= 0 && backend.weight <= 100])
    error_message = "The weight of a backend must be from 0 to 100."
  }

  validation {
    condition = length(flatten(values(var.pools))) == length(distinct([
      for backend in flatten(values(var.pools)) : "${backend.address} ${backend.port}"
    ]))
    error_message = "A backend (address and port) must be in one pool only, and there once."
  }
}

variable "delete_protection" {
  description = "Whether the platform refuses to delete the load balancer."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of load balancer and security group, at most 20."
  type        = map(string)
  default     = {}
}
