terraform {
  # Whoever writes the module says so once, and every index of it is kept by that team.
  provider_meta "folder" {
    team = "poets"
  }
}

resource "folder_file" "poem" {
  name    = "poem.txt"
  content = "roses\n"
}

resource "folder_index" "all" {
  name  = "index.md"
  title = "Poems"
  order = "size"

  entries = {
    (folder_file.poem.name) = { about = "flowers" }
  }
}
