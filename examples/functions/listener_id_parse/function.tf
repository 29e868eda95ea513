# The parts of an id that the official provider wrote for an attachment.
output "parts_of_an_attachment" {
  value = provider::clb::listener_id_parse("#lbl-5e6f7a8b#lb-1a2b3c4d").listener_id
}
