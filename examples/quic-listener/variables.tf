variable "endpoint" {
  description = "Address of a simulator, e.g. http://127.0.0.1:9000. Null: CLB_ENDPOINT, or else the cloud itself."
  type        = string
  default     = null
}

variable "region" {
  description = "Region everything is created in."
  type        = string
  default     = "ap-guangzhou"
}

variable "vpc_id" {
  description = "VPC of the load balancer and its backends."
  type        = string
  default     = "vpc-demo0001"
}

variable "port" {
  description = "Port the listener opens. A port below 1024 needs a simulator that may bind it."
  type        = number
  default     = 8443
}

variable "certificate_file" {
  description = "PEM file with the server's certificate chain."
  type        = string
}

variable "private_key_file" {
  description = "PEM file with the certificate's private key. It is uploaded and never stored in the state."
  type        = string
}

variable "blue" {
  description = "The first backend: private address, port, weight from 0 to 100."
  type        = object({ address = string, port = number, weight = number })
  default     = { address = "10.0.1.5", port = 8080, weight = 30 }
}

variable "green" {
  description = "The second backend."
  type        = object({ address = string, port = number, weight = number })
  default     = { address = "10.0.1.6", port = 8080, weight = 10 }
}
