#pragma once

#include <upsun/model/accepted_change.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/page.hpp>
#include <upsun/result.hpp>
#include <upsun/transport.hpp>

#include <map>
#include <string>
#include <vector>

#include "calls/client_impl.hpp"
#include "codec/documents.hpp"

namespace upsun::operations {

// What a call's response becomes, by the client's settings.

// Of integrations. The client's observer is notified of drift.
[[nodiscard]] result<integration> decode_one(const calls::client_impl& client,
                                             const http_response& response);
[[nodiscard]] result<std::vector<result<integration>>> decode_list(const calls::client_impl& client,
                                                                   const http_response& response);
[[nodiscard]] result<accepted_change> decode_change(const calls::client_impl& client,
                                                    const http_response& response);

/// Of anything else: a document, a list of documents, a page, or references by their ids.
template <class T>
struct decoder_of {
  static result<T> decode(const calls::client_impl& client, const http_response& response) {
    return codec::decode_document<T>(response.body, client.decoding);
  }
};
template <class T>
struct decoder_of<std::vector<result<T>>> {
  static result<std::vector<result<T>>> decode(const calls::client_impl& client,
                                               const http_response& response) {
    return codec::decode_list<T>(response.body, client.decoding);
  }
};
template <class T>
struct decoder_of<page<T>> {
  static result<page<T>> decode(const calls::client_impl& client, const http_response& response) {
    return codec::decode_page<T>(response.body, client.decoding);
  }
};
template <class T>
struct decoder_of<std::map<std::string, result<T>>> {
  static result<std::map<std::string, result<T>>> decode(const calls::client_impl& client,
                                                         const http_response& response) {
    return codec::decode_references<T>(response.body, client.decoding);
  }
};

}  // namespace upsun::operations
