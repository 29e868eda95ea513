# Nobody else works in the folder while Terraform does.
ephemeral "folder_lock" "mine" {
  holder = "terraform"
}
