# "an-old-poem"
output "name" {
  value = provider::folder::slug("An", "Old Poem!")
}
