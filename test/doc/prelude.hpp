#pragma once

// What a block of the documentation may use without saying so.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <concepts>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <upsun/testing/fake_transport.hpp>
#include <upsun/testing/sandbox.hpp>
#include <upsun/upsun.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The head of the function around a block.
#define DOC_FRAGMENT(name)                                                                        \
  [[maybe_unused]] static asio::awaitable<void> name(asio::io_context& io, upsun::client& client, \
                                                     upsun::project_id project,                   \
                                                     upsun::integration_id id, std::string token)
