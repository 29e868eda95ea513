action "folder_backup" "nightly" {
  config {
    to = "/var/backups/notes"
  }
}

# Copies the folder after each change of the poem.
resource "folder_file" "poem" {
  name    = "poem.txt"
  content = "roses\n"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.folder_backup.nightly]
    }
  }
}
