data "folder_listing" "texts" {
  suffix = ".txt"
}

output "texts" {
  value = data.folder_listing.texts.names
}
