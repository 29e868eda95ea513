terraform {
  required_providers {
    folder = {
      source = "example/folder"
    }
  }
}

provider "folder" {
  path = "notes"
}
