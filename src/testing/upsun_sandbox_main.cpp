// The sandbox as a program, for demonstrations, benchmarks and tests that are not written in C++.

#include <boost/system/system_error.hpp>

#include <getopt.h>
#include <sys/prctl.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <upsun/testing/sandbox.hpp>
#include <upsun/version.hpp>

#include "testing/fault_text.hpp"

namespace {

using namespace upsun::testing;
using upsun::http_version;

constexpr const char* usage = R"(usage: upsun-sandbox [OPTION]...
Serves the integrations of the Upsun API, and the projects and organizations around them, until it gets SIGINT or SIGTERM. Prints two lines once it serves:
  url=https://127.0.0.1:40123
  ca=FILE                   the certificate authority to trust, as PEM; removed at the end

  --address ADDRESS         127.0.0.1 (the default) or ::1
  --port PORT               0, the default, takes any free one
  --projects COUNT          project-0, project-1 ... (default 1)
  --integrations COUNT      integration-0, integration-1 ... in each project, of all kinds in turn (default 18)
  --token TOKEN             the bearer token it accepts (default sandbox-token)
  --api-token TOKEN         the API token that POST /oauth2/token exchanges (default sandbox-api-token)
  --token-lifetime SECONDS  the expires_in of its responses (default 900)
  --refresh-tokens          its responses have refresh tokens
  --path-prefix PATH        what stands before /projects and /oauth2/token
  --latency MILLISECONDS    added to every response
  --activity-time MILLIS    how long an activity is in progress (default 400)
  --failing-activities N    the first N activities end in failure
  --invalid INTEGRATION     may be repeated: in project-0, which does not pass its validation
  --threads COUNT           threads that serve (default 1)
  --fault FAULT             KIND[=VALUE][*COUNT], may be repeated: the next COUNT requests meet this fault, or all
  --compress                long responses come by gzip to who accepts that
  --plain                   HTTP instead of HTTPS; the second line is then "ca="
  --http VERSION            1, 2 or both, the default: as a client offers by ALPN, or begins with in plain HTTP
  --exit-with-parent        ends when the thread that started it does
  --help
  --version

A fleet, made on the fly from a seed, so that a million projects cost nothing until they are asked for:
  --organizations COUNT     organizations of the user; --projects and --integrations then mean:
  --projects COUNT          projects in all of them (default 100)
  --integrations COUNT      the average of a project, which has up to twice as many (default 8)
  --environments COUNT      environments of each project (default 3)
  --shared COUNT            projects in organizations of other people
  --page-size COUNT         items on a page when a request does not say, 1 to 100 (default 20)
  --seed NUMBER             what everything follows from (default 1)
  --absolute-links          the links of lists are absolute
What goes wrong in it; each N strikes every N-th:
  --forbidden-every N       projects whose integrations must not be read: 403
  --missing-every N         projects that are listed, and gone: 404
  --suspended-every N       projects that are suspended: 403
  --broken-every N          projects with something that is no integration among their integrations
  --throttle-every N        requests that get 429, and pass when they are sent again
  --throttle-seconds COUNT  the Retry-After of those (default 1)
  --invalid-every N         integrations that do not pass their validation
  --forbidden-organizations-every N  organizations whose projects must not be listed: 403
)";

struct usage_error : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

template <class Number>
Number number(std::string_view option, std::string_view text) {
  Number value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size())
    throw usage_error("--" + std::string(option) + ": '" + std::string(text) +
                      "' is no such number");
  return value;
}

http_version version_of(std::string_view text) {
  if (text == "1") return http_version::http1;
  if (text == "2") return http_version::http2;
  if (text == "both") return http_version::automatic;
  throw usage_error("--http: '" + std::string(text) + "' is none of 1, 2, both");
}

struct fleet_option {
  const char* name;
  std::size_t sandbox_fleet::*member;
};
constexpr fleet_option fleet_options[] = {
    {"organizations", &sandbox_fleet::organizations},
    {"environments", &sandbox_fleet::environments},
    {"page-size", &sandbox_fleet::page_size},
    {"shared", &sandbox_fleet::shared_projects},
    {"forbidden-every", &sandbox_fleet::forbidden_every},
    {"missing-every", &sandbox_fleet::missing_every},
    {"suspended-every", &sandbox_fleet::suspended_every},
    {"broken-every", &sandbox_fleet::broken_every},
    {"throttle-every", &sandbox_fleet::throttle_every},
    {"invalid-every", &sandbox_fleet::invalid_every},
    {"forbidden-organizations-every", &sandbox_fleet::forbidden_organizations_every},
};
constexpr int first_fleet_key = 1'000;  // behind all characters
constexpr int first_needing_fleet = first_fleet_key + 3;

struct command_line {
  sandbox_options sandbox{.http = http_version::automatic};
  std::optional<std::size_t> projects;
  std::optional<std::size_t> integrations;
  std::vector<fault_order> faults;
  std::size_t failing_activities = 0;
  std::vector<std::string> invalid;
  bool exit_with_parent = false;
  bool help = false;
  bool version = false;
};

command_line read_command_line(int argc, char** argv) {
  std::vector options{
      option{"address", required_argument, nullptr, 'a'},
      option{"port", required_argument, nullptr, 'p'},
      option{"projects", required_argument, nullptr, 'P'},
      option{"integrations", required_argument, nullptr, 'i'},
      option{"token", required_argument, nullptr, 't'},
      option{"api-token", required_argument, nullptr, 'A'},
      option{"token-lifetime", required_argument, nullptr, 'L'},
      option{"refresh-tokens", no_argument, nullptr, 'r'},
      option{"path-prefix", required_argument, nullptr, 'x'},
      option{"latency", required_argument, nullptr, 'l'},
      option{"activity-time", required_argument, nullptr, 'R'},
      option{"failing-activities", required_argument, nullptr, 'F'},
      option{"invalid", required_argument, nullptr, 'I'},
      option{"threads", required_argument, nullptr, 'T'},
      option{"fault", required_argument, nullptr, 'f'},
      option{"compress", no_argument, nullptr, 'z'},
      option{"plain", no_argument, nullptr, 'n'},
      option{"http", required_argument, nullptr, 'H'},
      option{"exit-with-parent", no_argument, nullptr, 'e'},
      option{"help", no_argument, nullptr, 'h'},
      option{"version", no_argument, nullptr, 'v'},
      option{"seed", required_argument, nullptr, 's'},
      option{"absolute-links", no_argument, nullptr, 'b'},
      option{"throttle-seconds", required_argument, nullptr, 'S'},
  };
  for (int i = 0; const fleet_option& each : fleet_options)
    options.push_back({each.name, required_argument, nullptr, first_fleet_key + i++});
  options.push_back({nullptr, 0, nullptr, 0});
  command_line read;
  sandbox_fleet& fleet = read.sandbox.fleet;
  std::string needs_fleet;
  opterr = 0;
  int index = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet
  for (int key = 0; (key = getopt_long(argc, argv, "", options.data(), &index)) != -1;) {
    const std::string value = optarg ? optarg : "";
    const char* name = options[static_cast<std::size_t>(index)].name;
    switch (key) {
      case 'a': read.sandbox.address = value; break;
      case 'p': read.sandbox.port = number<std::uint16_t>(name, value); break;
      case 'P': read.projects = number<std::size_t>(name, value); break;
      case 'i': read.integrations = number<std::size_t>(name, value); break;
      case 't': read.sandbox.token = value; break;
      case 'A': read.sandbox.api_token = value; break;
      case 'L':
        read.sandbox.token_lifetime = std::chrono::seconds(number<std::uint32_t>(name, value));
        break;
      case 'r': read.sandbox.refresh_tokens = true; break;
      case 'x': read.sandbox.path_prefix = value; break;
      case 'l':
        read.sandbox.latency = std::chrono::milliseconds(number<std::uint32_t>(name, value));
        break;
      case 'R':
        read.sandbox.activity_running =
            std::chrono::milliseconds(number<std::uint32_t>(name, value));
        break;
      case 'F': read.failing_activities = number<std::size_t>(name, value); break;
      case 'I': read.invalid.push_back(value); break;
      case 'T': read.sandbox.threads = number<std::size_t>(name, value); break;
      case 'f': try { read.faults.push_back(parse_fault(value));
        } catch (const std::invalid_argument& e) {
          throw usage_error(std::string("--fault ") + e.what());
        }
        break;
      case 'z': read.sandbox.compress = true; break;
      case 'n': read.sandbox.tls = false; break;
      case 'H': read.sandbox.http = version_of(value); break;
      case 'e': read.exit_with_parent = true; break;
      case 'h': read.help = true; break;
      case 'v': read.version = true; break;
      case 's': fleet.seed = number<std::uint64_t>(name, value); break;
      case 'b': fleet.absolute_links = true; break;
      case 'S':
        fleet.throttle_seconds = std::chrono::seconds(number<std::uint32_t>(name, value));
        break;
      default:
        if (key < first_fleet_key)
          throw usage_error(std::string("unknown or incomplete option ") + argv[optind - 1]);
        fleet.*fleet_options[key - first_fleet_key].member = number<std::size_t>(name, value);
        if (key >= first_needing_fleet) needs_fleet = name;
    }
  }
  if (optind < argc) throw usage_error(std::string("unexpected argument ") + argv[optind]);
  const bool has_fleet = fleet.organizations != 0;
  if (!has_fleet && !needs_fleet.empty())
    throw usage_error("--" + needs_fleet + " needs --organizations");
  if (read.projects) (has_fleet ? fleet.projects : read.sandbox.projects) = *read.projects;
  if (read.integrations)
    (has_fleet ? fleet.integrations : read.sandbox.integrations) = *read.integrations;
  return read;
}

/// A file in a directory of its own, both removed at the end.
class temporary_file {
 public:
  explicit temporary_file(std::string_view content) {
    std::string pattern = std::filesystem::temp_directory_path() / "upsun-sandbox-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), pattern);
    directory_ = pattern;
    if (!(std::ofstream(path()) << content).flush())
      throw std::system_error(errno, std::generic_category(), path().string());
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_ / "ca.pem"; }

 private:
  std::filesystem::path directory_;
};

void serve(const command_line& what) {
  // Blocked before the sandbox starts its threads, which inherit that: only `sigwait` sees them.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  if (what.exit_with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);

  sandbox server(what.sandbox);
  for (const fault_order& each : what.faults) server.inject(each.what, each.count);
  server.fail_activities(what.failing_activities);
  for (const std::string& each : what.invalid)
    server.set_validation("project-0", each, {{"url", "Not reachable"}});
  std::optional<temporary_file> authority;
  if (what.sandbox.tls) authority.emplace(server.ca_pem());
  std::cout << "url=" << server.url() << "\nca=" << (authority ? authority->path().string() : "")
            << std::endl;
  int signal = 0;
  sigwait(&ending, &signal);
}

}  // namespace

int main(int argc, char** argv) try {
  const command_line what = read_command_line(argc, argv);
  if (what.help) {
    std::cout << usage << "\nfaults: " << fault_kinds() << '\n';
  } else if (what.version) {
    std::cout << "upsun-sandbox " UPSUN_VERSION_STRING "\n";
  } else {
    serve(what);
  }
  return 0;
} catch (const std::invalid_argument& e) {  // perhaps the sandbox's own
  std::cerr << "upsun-sandbox: " << e.what() << "; see --help\n";
  return 2;
} catch (const boost::system::system_error& e) {
  std::cerr << "upsun-sandbox: cannot serve there: " << e.code().message() << '\n';
  return 1;
} catch (const std::exception& e) {
  std::cerr << "upsun-sandbox: " << e.what() << '\n';
  return 1;
}
