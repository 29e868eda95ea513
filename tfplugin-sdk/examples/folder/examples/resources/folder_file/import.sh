terraform import folder_file.poem poem.txt
