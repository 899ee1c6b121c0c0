// libcurl's multi interface: as many easy handles as connections, reused, HTTP/1.1. With --decode=1
// each body is decoded as by upsun; with --http2=1 the handles share connections over HTTP/2; with
// --targets=FILE the requests are for the paths in it, one a line, in turn, which list
// integrations. libcurl's other interface, curl_multi_socket_action over epoll, was tried and costs
// as much with 64 transfers.

#include <curl/curl.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <vector>

#include <upsun/codec.hpp>
#include <upsun/model/integration.hpp>

#include "peer.hpp"

namespace {

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
    throw std::runtime_error(curl_easy_strerror(code));
}

std::size_t append(const char* data, std::size_t, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(data, size);
  return size;
}

struct transfer {
  CURL* easy = curl_easy_init();
  std::string body;
};

struct situation {
  bool decode = false;
  bool http2 = false;
  std::vector<std::string> targets;  ///< Empty: the document.
};

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.empty()) throw std::invalid_argument("no targets in " + file);
  return lines;
}

void prepare(transfer& t, const std::string& url, const peer::options& opts, bool http2,
             curl_slist* headers) {
  set(t.easy, CURLOPT_URL, url.c_str());
  set(t.easy, CURLOPT_CAINFO, opts.ca_file.c_str());
  set(t.easy, CURLOPT_HTTPHEADER, headers);
  set(t.easy, CURLOPT_HTTP_VERSION,
      static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  if (http2) set(t.easy, CURLOPT_PIPEWAIT, 1L);
  set(t.easy, CURLOPT_TIMEOUT_MS, 30'000L);
  set(t.easy, CURLOPT_NOSIGNAL, 1L);
  set(t.easy, CURLOPT_WRITEFUNCTION, append);
  set(t.easy, CURLOPT_WRITEDATA, static_cast<void*>(&t.body));
  set(t.easy, CURLOPT_PRIVATE, static_cast<void*>(&t));
}

/// \param integrations is raised by how many a list had
bool good(const transfer& t, CURLcode code, const situation& given, std::size_t& integrations) {
  long status = 0;
  curl_easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status != 200) return false;
  if (!given.decode) return !t.body.empty();
  if (!given.targets.empty()) {
    const auto list = upsun::decode_integrations(t.body);
    if (!list) return false;
    integrations += list->size();
    return std::all_of(list->begin(), list->end(),
                       [](const auto& each) { return each.has_value(); });
  }
  const auto value = upsun::decode_integration(t.body);
  return value &&
         std::get<upsun::bitbucket_settings>(value->settings).repository == peer::repository;
}

int run(const peer::options& opts, const situation& given) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::string server = std::string("https://") + peer::host + ":" + opts.port;
  curl_slist* headers =
      curl_slist_append(nullptr, (std::string("Authorization: Bearer ") + peer::token).c_str());
  headers = curl_slist_append(headers, "Accept: application/json");
  CURLM* multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(opts.connections));

  peer::measured_run run(opts.warmup, opts.requests);
  std::size_t integrations = 0;
  std::size_t next = 0;
  const auto start = [&](transfer& t) {
    if (!given.targets.empty())
      set(t.easy, CURLOPT_URL, (server + given.targets[next++ % given.targets.size()]).c_str());
    curl_multi_add_handle(multi, t.easy);
  };
  std::vector<std::unique_ptr<transfer>> transfers;
  for (unsigned i = 0; i < opts.connections && run.start_one(); ++i) {
    transfer& made = *transfers.emplace_back(std::make_unique<transfer>());
    prepare(made, server + peer::target, opts, given.http2, headers);
    // libcurl 7.88 stalls over HTTP/2 on some bodies larger than two of its buffers of 16 KiB, with
    // nghttpd as with the sandbox.
    if (!given.targets.empty()) set(made.easy, CURLOPT_BUFFERSIZE, 128L * 1024);
    start(made);
  }
  while (!run.finished()) {
    int count = 0;
    curl_multi_perform(multi, &count);
    while (const CURLMsg* message = curl_multi_info_read(multi, &count)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      void* data = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &data);
      auto& t = *static_cast<transfer*>(data);
      run.finish_one(good(t, message->data.result, given, integrations));
      t.body.clear();
      curl_multi_remove_handle(multi, easy);
      if (run.start_one()) start(t);
    }
    if (!run.finished()) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  for (const auto& t : transfers) curl_easy_cleanup(t->easy);
  transfers.clear();
  return run.report(given.decode ? "curl_multi_decode" : "curl_multi",
                    ", \"idle_heap\": " + std::to_string(peer::heap_in_use()) +
                        ", \"integrations\": " + std::to_string(integrations));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    situation given;
    const peer::options opts =
        peer::parse_options(argc, argv, [&](std::string_view name, const std::string& value) {
          if (name == "decode") given.decode = value == "1";
          if (name == "http2") given.http2 = value == "1";
          if (name == "targets") given.targets = lines_of(value);
          return name == "decode" || name == "http2" || name == "targets";
        });
    return run(opts, given);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "curl_multi: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
