# A poem, line by line.
resource "folder_file" "poem" {
  name = "poem.txt"

  line {
    text = "roses"
  }
  line {
    text   = "violets"
    prefix = "- "
  }

  timeouts {
    create = "30s"
  }
}

variable "token" {
  type      = string
  sensitive = true
  ephemeral = true
}

# A file with a secret beside it, which is in no state. Raise the version to have another one written.
resource "folder_file" "settings" {
  name              = "settings.ini"
  content           = "colour = yellow\n"
  mode              = "0600"
  secret_wo         = var.token
  secret_wo_version = 1
}
