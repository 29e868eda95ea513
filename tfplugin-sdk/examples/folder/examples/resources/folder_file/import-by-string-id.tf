import {
  to = folder_file.poem
  id = "poem.txt"
}
