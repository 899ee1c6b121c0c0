// Audits all integrations of all projects that the user of UPSUN_ACCESS_TOKEN can see. SIGINT stops
// the walk; what it prints last then is an argument with which the audit goes on.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <csignal>
#include <iostream>
#include <map>

#include <upsun/upsun.hpp>

namespace {

namespace asio = boost::asio;

/// Of the organization; other people's have no name here.
std::string name_of(const auto& part) {
  return part.organization_name.empty() ? part.organization_id : part.organization_name;
}

class audit {
 public:
  void take(const upsun::fleet_project& of, const upsun::integration& one) {
    ++kinds_[one.type];
    const auto warn = [&](const std::string& what) {
      std::cout << name_of(of) << ' ' << of.id << ' ' << one.id.value_or("") << ": " << what
                << std::endl;
    };
    if (const auto* gitlab = std::get_if<upsun::gitlab_settings>(&one.settings)) {
      const auto end = gitlab->token_expires_at;
      if (end && *end < soon_) warn("its token expires " + upsun::format_timestamp(*end));
    }
    const bool plain = std::visit(
        [](const auto& settings) {
          if constexpr (requires { settings.url; }) return settings.url.starts_with("http://");
          return false;
        },
        one.settings);
    if (plain) warn("sends without TLS");  // where to, it does not say: a URL may hold a secret
  }

  void print(const upsun::fleet_report& walked) const {
    for (const upsun::unread_part& part : walked.unread)
      std::cout << name_of(part) << ' ' << part.project_id << ": not read ("
                << to_string(part.reason) << "): " << part.why << '\n';
    for (const auto& [kind, count] : kinds_) std::cout << count << ' ' << kind << '\n';
    std::cout << walked.integrations << " integrations of " << walked.projects << " projects, "
              << walked.broken << " broken ones\n";
  }

 private:
  const upsun::timestamp soon_ = std::chrono::time_point_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now() + std::chrono::days(30));
  std::map<std::string, std::size_t> kinds_;
};

/// \return whether it came to its end
asio::awaitable<bool> run(upsun::client client, std::string resume) {
  asio::cancellation_signal stop;
  asio::signal_set interrupt(client.get_executor(), SIGINT);
  interrupt.async_wait([&stop](const upsun::error_code& none, int) {
    if (!none) stop.emit(asio::cancellation_type::terminal);
  });

  audit all;
  const upsun::fleet source(upsun::fleet_filter().resume(std::move(resume)));
  auto handler = [&all](const upsun::fleet_project& of,
                        const upsun::result<upsun::integration>& got) {
    if (got) all.take(of, *got);  // errors are in the report
  };
  auto token = asio::bind_cancellation_slot(stop.slot(), asio::use_awaitable);
  const auto walked = co_await client.async_for_each_integration(source, handler, std::move(token));
  if (!walked) throw upsun::call_failed(walked.error());
  all.print(*walked);
  if (!walked->stopped_by.code()) co_return true;
  std::cerr << "audit_fleet: " << walked->stopped_by << '\n';
  std::cout << walked->resume << '\n';
  co_return false;
}

}  // namespace

int main(int argc, char** argv) try {
  asio::io_context io;
  upsun::client client(io, upsun::client_config::from_environment());
  auto done = asio::co_spawn(io, run(std::move(client), argc > 1 ? argv[1] : ""), asio::use_future);
  io.run();
  return done.get() ? 0 : 1;
} catch (const std::exception& e) {
  return std::cerr << "audit_fleet: " << e.what() << '\n', 1;
}
