# The texts that are in the folder, whoever wrote them.
list "folder_file" "texts" {
  provider = folder

  config {
    suffix = ".txt"
  }
}
