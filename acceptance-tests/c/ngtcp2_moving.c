/* Echoes bytes through a QUIC listener with ngtcp2 and GnuTLS while its own address changes, and says what it saw.
 *
 * ngtcp2's own client, gtlsclient, speaks HTTP/3 only: it gives up on a listener that offers no unidirectional streams,
 * as one that forwards bytes does. This is the same library (Debian: libngtcp2-dev, libngtcp2-crypto-gnutls-dev) with
 * plain streams. It does as much as the tests need and no more: IPv4, one stream, one transfer.
 *
 * Arguments: host, port, server name, CA file, `rebinding` or `migration` or `probing`, bytes, then the addresses to come
 * from: the first at the beginning, the others one after another, spread over the transfer. `rebinding` goes on from another
 * socket without knowing of it; `migration` moves at once and has the path validated; `probing` has it validated first and
 * moves then.
 *
 * Prints JSON: whether every byte came back, what greeting came before them, and how many new paths were validated.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ADDRESSES = 8, PATIENCE_SECONDS = 60, DATAGRAM = 1452, LONGEST_GREETING = 255 };

enum kind { REBINDING, MIGRATION, PROBING };

struct socket_at {
  int fd;
  struct sockaddr_in address;
};

struct client {
  ngtcp2_conn *conn;
  gnutls_session_t tls;
  ngtcp2_crypto_conn_ref reference;
  struct sockaddr_in server;
  struct socket_at sockets[MAX_ADDRESSES];
  int open_sockets;
  enum kind kind;

  int64_t stream;
  uint8_t *content;
  size_t size, sent, came_back, validated;
  char greeting[LONGEST_GREETING + 1];
  size_t greeting_length;
  int greeted, harmed, closed;
};

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static ngtcp2_tstamp now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (ngtcp2_tstamp)time.tv_sec * NGTCP2_SECONDS + (ngtcp2_tstamp)time.tv_nsec;
}

/* ---- what ngtcp2 asks and tells ---- */

static ngtcp2_conn *conn_of(ngtcp2_crypto_conn_ref *reference) {
  return ((struct client *)reference->user_data)->conn;
}

static void random_bytes(uint8_t *dest, size_t length, const ngtcp2_rand_ctx *context) {
  (void)context;
  if (gnutls_rnd(GNUTLS_RND_RANDOM, dest, length) != 0) fail("random numbers", "none");
}

static int new_connection_id(ngtcp2_conn *conn, ngtcp2_cid *cid, uint8_t *token, size_t length, void *user_data) {
  (void)conn, (void)user_data;
  random_bytes(cid->data, length, NULL);
  cid->datalen = length;
  random_bytes(token, NGTCP2_STATELESS_RESET_TOKENLEN, NULL);
  return 0;
}

/* The backend's greeting is a line, then comes what was sent. */
static int on_data(ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t offset, const uint8_t *data, size_t length,
                   void *user_data, void *stream_user_data) {
  struct client *client = user_data;
  (void)flags, (void)offset, (void)stream_user_data;
  for (size_t at = 0; at < length; at++) {
    if (client->greeted) {
      if (client->came_back >= client->size || client->content[client->came_back] != data[at]) client->harmed = 1;
      client->came_back++;
    } else if (data[at] == '\n') {
      client->greeted = 1;
    } else if (client->greeting_length < LONGEST_GREETING) {
      client->greeting[client->greeting_length++] = (char)data[at];
    }
  }
  ngtcp2_conn_extend_max_stream_offset(conn, stream, length);
  ngtcp2_conn_extend_max_offset(conn, length);
  return 0;
}

static int on_stream_close(ngtcp2_conn *conn, uint32_t flags, int64_t stream, uint64_t code, void *user_data,
                           void *stream_user_data) {
  struct client *client = user_data;
  (void)conn, (void)stream, (void)stream_user_data;
  if (flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) {
    fprintf(stderr, "the stream was reset with %llu\n", (unsigned long long)code);
    client->harmed = 1;
  }
  client->closed = 1;
  return 0;
}

static int on_path_validation(ngtcp2_conn *conn, uint32_t flags, const ngtcp2_path *path,
                              ngtcp2_path_validation_result result, void *user_data) {
  (void)conn, (void)flags, (void)path;
  if (result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) ((struct client *)user_data)->validated++;
  return 0;
}

/* ---- sockets ---- */

static struct socket_at *come_from(struct client *client, const char *address) {
  struct socket_at *socket_at = &client->sockets[client->open_sockets++];
  socket_at->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  socket_at->address.sin_family = AF_INET;
  inet_pton(AF_INET, address, &socket_at->address.sin_addr);
  socklen_t length = sizeof(socket_at->address);
  if (bind(socket_at->fd, (struct sockaddr *)&socket_at->address, length) != 0 ||
      getsockname(socket_at->fd, (struct sockaddr *)&socket_at->address, &length) != 0 ||
      connect(socket_at->fd, (struct sockaddr *)&client->server, sizeof(client->server)) != 0)
    fail(address, strerror(errno));
  return socket_at;
}

static ngtcp2_path path_of(struct client *client, struct socket_at *socket_at) {
  ngtcp2_path path = {
      .local = {.addr = (ngtcp2_sockaddr *)&socket_at->address, .addrlen = sizeof(socket_at->address)},
      .remote = {.addr = (ngtcp2_sockaddr *)&client->server, .addrlen = sizeof(client->server)},
  };
  return path;
}

static void move_to(struct client *client, const char *address) {
  struct socket_at *before = &client->sockets[client->open_sockets - 1];
  struct socket_at *socket_at = come_from(client, address);
  ngtcp2_path path = path_of(client, socket_at);
  int result = 0;
  switch (client->kind) {
  case REBINDING:
    ngtcp2_conn_set_local_addr(client->conn, &path.local);
    close(before->fd);
    before->fd = -1;
    break;
  case MIGRATION:
    result = ngtcp2_conn_initiate_immediate_migration(client->conn, &path, now());
    break;
  case PROBING:
    result = ngtcp2_conn_initiate_migration(client->conn, &path, now());
    break;
  }
  if (result != 0) fail(address, ngtcp2_strerror(result));
}

static void send_datagram(struct client *client, const ngtcp2_path *path, const uint8_t *data, size_t length) {
  for (int at = 0; at < client->open_sockets; at++) {
    struct socket_at *socket_at = &client->sockets[at];
    if (socket_at->fd < 0 || memcmp(path->local.addr, &socket_at->address, sizeof(socket_at->address)) != 0) continue;
    /* One that cannot be sent is lost, which QUIC is made for. */
    (void)!send(socket_at->fd, data, length, 0);
  }
}

/* ---- the connection ---- */

static void write_datagrams(struct client *client) {
  uint8_t datagram[DATAGRAM];
  ngtcp2_path_storage path;
  ngtcp2_pkt_info info;
  ngtcp2_path_storage_zero(&path);
  int blocked = 0;
  for (;;) {
    int has_stream = client->stream >= 0 && client->sent <= client->size && !blocked;
    ngtcp2_ssize taken = -1;
    ngtcp2_ssize length = ngtcp2_conn_write_stream(
        client->conn, &path.path, &info, datagram, sizeof(datagram), &taken,
        has_stream ? NGTCP2_WRITE_STREAM_FLAG_FIN : NGTCP2_WRITE_STREAM_FLAG_NONE, has_stream ? client->stream : -1,
        has_stream ? client->content + client->sent : NULL, has_stream ? client->size - client->sent : 0, now());
    if (length == NGTCP2_ERR_STREAM_DATA_BLOCKED || length == NGTCP2_ERR_STREAM_SHUT_WR ||
        length == NGTCP2_ERR_STREAM_NOT_FOUND) {
      blocked = 1;
      continue;
    }
    if (length < 0) fail("writing", ngtcp2_strerror((int)length));
    if (taken >= 0) client->sent += (size_t)taken;
    if (length == 0) break;
    send_datagram(client, &path.path, datagram, (size_t)length);
    /* With the last byte goes the end of the stream; nothing is written to it after that. */
    if (taken >= 0 && client->sent == client->size) client->sent = client->size + 1;
  }
  ngtcp2_conn_update_pkt_tx_time(client->conn, now());
}

static void read_datagrams(struct client *client, struct socket_at *socket_at) {
  uint8_t datagram[65536];
  ngtcp2_path path = path_of(client, socket_at);
  ngtcp2_pkt_info info = {0};
  for (;;) {
    ssize_t length = recv(socket_at->fd, datagram, sizeof(datagram), 0);
    if (length < 0) return;
    int result = ngtcp2_conn_read_pkt(client->conn, &path, &info, datagram, (size_t)length, now());
    if (result != 0) fail("reading", ngtcp2_strerror(result));
  }
}

static void wait_and_read(struct client *client) {
  struct pollfd polled[MAX_ADDRESSES];
  for (int at = 0; at < client->open_sockets; at++) {
    polled[at].fd = client->sockets[at].fd;
    polled[at].events = POLLIN;
    polled[at].revents = 0;
  }
  ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(client->conn), time = now();
  int milliseconds = 1000;
  if (expiry <= time) milliseconds = 0;
  else if ((expiry - time) / NGTCP2_MILLISECONDS < 1000) milliseconds = (int)((expiry - time) / NGTCP2_MILLISECONDS) + 1;
  if (poll(polled, (nfds_t)client->open_sockets, milliseconds) < 0) fail("poll", strerror(errno));
  for (int at = 0; at < client->open_sockets; at++) {
    if (polled[at].revents) read_datagrams(client, &client->sockets[at]);
  }
  if (ngtcp2_conn_get_expiry(client->conn) <= now()) {
    int result = ngtcp2_conn_handle_expiry(client->conn, now());
    if (result != 0) fail("waiting", ngtcp2_strerror(result));
  }
}

static void start_tls(struct client *client, const char *server_name, const char *ca_file) {
  gnutls_certificate_credentials_t trust;
  gnutls_datum_t protocol = {(unsigned char *)"moving/0", 8};
  if (gnutls_certificate_allocate_credentials(&trust) != 0 ||
      gnutls_certificate_set_x509_trust_file(trust, ca_file, GNUTLS_X509_FMT_PEM) < 1)
    fail(ca_file, "no certificate to trust in it");
  if (gnutls_init(&client->tls, GNUTLS_CLIENT) != 0 || ngtcp2_crypto_gnutls_configure_client_session(client->tls) != 0 ||
      gnutls_priority_set_direct(client->tls, "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE", NULL) != 0 ||
      gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, trust) != 0 ||
      gnutls_server_name_set(client->tls, GNUTLS_NAME_DNS, server_name, strlen(server_name)) != 0 ||
      gnutls_alpn_set_protocols(client->tls, &protocol, 1, 0) != 0)
    fail("TLS", "cannot be set up");
  gnutls_session_set_verify_cert(client->tls, server_name, 0);
  client->reference.get_conn = conn_of;
  client->reference.user_data = client;
  gnutls_session_set_ptr(client->tls, &client->reference);
}

static void start_quic(struct client *client, struct socket_at *from) {
  ngtcp2_callbacks callbacks = {
      .client_initial = ngtcp2_crypto_client_initial_cb,
      .recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
      .encrypt = ngtcp2_crypto_encrypt_cb,
      .decrypt = ngtcp2_crypto_decrypt_cb,
      .hp_mask = ngtcp2_crypto_hp_mask_cb,
      .recv_retry = ngtcp2_crypto_recv_retry_cb,
      .update_key = ngtcp2_crypto_update_key_cb,
      .delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
      .delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
      .get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
      .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
      .rand = random_bytes,
      .get_new_connection_id = new_connection_id,
      .recv_stream_data = on_data,
      .stream_close = on_stream_close,
      .path_validation = on_path_validation,
  };
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = now();
  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  params.initial_max_stream_data_bidi_local = 256 * 1024;
  params.initial_max_data = 1024 * 1024;
  params.active_connection_id_limit = 7;
  params.max_idle_timeout = 30 * NGTCP2_SECONDS;
  ngtcp2_cid theirs, ours;
  theirs.datalen = NGTCP2_MIN_INITIAL_DCIDLEN;
  ours.datalen = 8;
  random_bytes(theirs.data, theirs.datalen, NULL);
  random_bytes(ours.data, ours.datalen, NULL);
  ngtcp2_path path = path_of(client, from);
  int result = ngtcp2_conn_client_new(&client->conn, &theirs, &ours, &path, NGTCP2_PROTO_VER_V1, &callbacks, &settings,
                                      &params, NULL, client);
  if (result != 0) fail("QUIC", ngtcp2_strerror(result));
  ngtcp2_conn_set_tls_native_handle(client->conn, client->tls);
}

static void say_goodbye(struct client *client) {
  uint8_t datagram[DATAGRAM];
  ngtcp2_path_storage path;
  ngtcp2_connection_close_error no_error;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_connection_close_error_default(&no_error);
  ngtcp2_ssize length = ngtcp2_conn_write_connection_close(client->conn, &path.path, NULL, datagram, sizeof(datagram),
                                                           &no_error, now());
  if (length > 0) send_datagram(client, &path.path, datagram, (size_t)length);
}

static enum kind kind_of(const char *text) {
  if (strcmp(text, "rebinding") == 0) return REBINDING;
  if (strcmp(text, "migration") == 0) return MIGRATION;
  if (strcmp(text, "probing") == 0) return PROBING;
  fail(text, "is none of rebinding, migration, probing");
  return REBINDING;
}

int main(int count, char **arguments) {
  static struct client client = {.stream = -1};
  if (count < 8 || count > 7 + MAX_ADDRESSES) fail(arguments[0], "wrong number of arguments");
  client.server.sin_family = AF_INET;
  client.server.sin_port = htons((uint16_t)atoi(arguments[2]));
  if (inet_pton(AF_INET, arguments[1], &client.server.sin_addr) != 1) fail(arguments[1], "is no IPv4 address");
  client.kind = kind_of(arguments[5]);
  client.size = strtoul(arguments[6], NULL, 10);
  client.content = malloc(client.size);
  if (client.content == NULL) fail(arguments[6], "bytes are more than there is memory");
  for (size_t at = 0; at < client.size; at++) client.content[at] = (uint8_t)(at * 31 + at / 251);

  start_tls(&client, arguments[3], arguments[4]);
  start_quic(&client, come_from(&client, arguments[7]));
  int moves = count - 8, moved = 0;
  ngtcp2_tstamp deadline = now() + PATIENCE_SECONDS * NGTCP2_SECONDS;
  while (!client.closed) {
    if (now() > deadline) fail("the transfer", "took too long");
    if (client.stream < 0 && ngtcp2_conn_get_handshake_completed(client.conn) &&
        ngtcp2_conn_open_bidi_stream(client.conn, &client.stream, NULL) != 0)
      client.stream = -1;
    write_datagrams(&client);
    wait_and_read(&client);
    if (moved < moves && client.came_back > client.size / (size_t)(moves + 1) * (size_t)(moved + 1))
      move_to(&client, arguments[8 + moved++]);
  }
  say_goodbye(&client);
  printf("{\"whole\": %s, \"came_back\": %zu, \"moves\": %d, \"validated\": %zu, \"greeting\": \"%s\"}\n",
         !client.harmed && client.came_back == client.size ? "true" : "false", client.came_back, moved, client.validated,
         client.greeting);
  return 0;
}
