import {
  to = folder_file.poem
  identity = {
    name = "poem.txt"
  }
}
