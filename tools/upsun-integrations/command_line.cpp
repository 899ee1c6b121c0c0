#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

#include <upsun/version.hpp>

#include "common/real_number.hpp"
#include "exit_status.hpp"

namespace upsun::tool {
namespace {

constexpr const char* about = "Reads and changes the third-party integrations of an Upsun project.";

constexpr const char* footer = R"(
Environment:
  UPSUN_CLI_TOKEN     an API token; or UPSUN_ACCESS_TOKEN, an access token. Never an argument, which others could see.
  UPSUN_PROJECT       the project, when there is no --project; else PLATFORM_PROJECT
  UPSUN_API_URL       base URL of the API, when there is no --url
  UPSUN_DEFAULT_TIMEOUT, UPSUN_AUTH_URL, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE are read, too.
Exit status:
  0 success   1 any other failure   2 usage   3 not found   4 not permitted   5 invalid   6 timeout   7 network or TLS   8 activity failed   130 interrupted
Examples:
  upsun-integrations list --project abcdefg
  upsun-integrations create github --set repository=acme/shop --set-env token=GITHUB_TOKEN
  upsun-integrations update xyz --set events=environment.push,environment.merge --unset shared_key
  upsun-integrations get xyz --json --show-secrets | upsun-integrations create --from - --project other)";

/// Of each command.
constexpr const char* more =
    "\nOptions of every command, environment and exit status: upsun-integrations --help";

constexpr const char* members_footer = R"(
`upsun-integrations kinds KIND` lists the members. Lists are VALUE,VALUE or JSON; an entry of an object is NAME.KEY=VALUE. FILE may be - for standard input.)";

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no other thread yet
  return value == nullptr ? "" : value;
}

/// An option that takes one value each time it is given. CLI11 must not split it: it may hold
/// anything.
void add_list(CLI::App& to, const char* name, std::vector<std::string>& values, const char* text,
              const char* type) {
  to.add_option(name, values, text)
      ->type_name(type)
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

void add_members(CLI::App& to, member_arguments& members) {
  to.add_option("--from", members.from, "JSON object with the members")->type_name("FILE");
  add_list(to, "--set", members.set, "set a member that is no secret; may be repeated",
           "NAME=VALUE");
  add_list(to, "--set-file", members.files,
           "set a member to the content of a file, without its last line break", "NAME=FILE");
  add_list(
      to, "--set-env", members.env,
      "set a member to the value of an environment variable; use this or --set-file for secrets",
      "NAME=VARIABLE");
  to.footer(std::string(members_footer) + more);
}

void add_wait(CLI::App& to, bool& wait) {
  to.add_flag("--wait,!--no-wait", wait,
              "wait until the activities that this sets off have ended (the default), or do not");
}

}  // namespace

std::variant<request, int> read_command_line(int argc, const char* const* argv) {
  settings wanted;
  double timeout = 0;
  get_command get;
  kinds_command kinds;
  create_command create;
  update_command update;
  delete_command erase;
  validate_command validate;
  hook_command hook;
  hook_url_command hook_url;
  activities_command activities;
  wait_command wait;
  cancel_command cancel;
  log_command log;

  CLI::App app(about, "upsun-integrations");
  app.footer(more);  // inherited by the commands
  app.get_formatter()->column_width(30);
  app.set_version_flag("--version", "upsun-integrations " UPSUN_VERSION_STRING);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("-p,--project", wanted.project, "the project")->type_name("ID");
  app.add_option("--url", wanted.url, "base URL of the API")->type_name("URL");
  app.add_option("--ca-file", wanted.ca_file,
                 "PEM file of the authorities to trust, instead of the system's")
      ->type_name("FILE");
  auto* timeout_option =
      app.add_option(
             "--timeout", timeout,
             "seconds a call may take (default 30), or a wait for activities (default 1800)")
          ->type_name("SECONDS")
          ->check(real_number())
          ->check(CLI::Range(0.001, 86'400.0).description(""));
  app.add_flag("--json", wanted.json, "print one JSON document; errors, too, on standard error");
  app.add_flag("--show-secrets", wanted.show_secrets, "print secrets instead of ***");

  auto* get_app = app.add_subcommand("get", "show integrations");
  get_app->add_option("ID", get.ids, "the integrations")->required()->type_name("");
  auto* list_app = app.add_subcommand("list", "list the project's integrations");
  auto* kinds_app =
      app.add_subcommand("kinds", "list the kinds, or the members of one; needs no server");
  kinds_app->add_option("KIND", kinds.kind, "the kind whose members to list")->type_name("");
  auto* create_app = app.add_subcommand("create", "create an integration");
  create_app
      ->add_option("KIND", create.kind, "its kind; may be left out when --from has a \"type\"")
      ->type_name("");
  add_members(*create_app, create.members);
  add_wait(*create_app, create.wait);
  auto* update_app =
      app.add_subcommand("update", "change members of an integration, and leave the others");
  update_app->add_option("ID", update.id, "the integration")->required()->type_name("");
  update_app->add_option("--kind", update.kind, "its kind; saves a request")->type_name("KIND");
  add_members(*update_app, update.members);
  add_list(*update_app, "--unset", update.members.unset, "set a member to null; may be repeated",
           "NAME");
  add_wait(*update_app, update.wait);
  auto* delete_app = app.add_subcommand("delete", "delete an integration");
  delete_app->add_option("ID", erase.id, "the integration")->required()->type_name("");
  delete_app->add_flag("-y,--yes", erase.yes, "do not ask");
  auto* validate_app =
      app.add_subcommand("validate", "ask the server whether an integration works");
  validate_app->add_option("ID", validate.id, "the integration")->required()->type_name("");
  auto* hook_app =
      app.add_subcommand("hook", "trigger an integration's hook, as the third party would");
  hook_app->add_option("ID", hook.id, "the integration")->required()->type_name("");
  auto* hook_url_app = app.add_subcommand(
      "hook-url", "print the URL of an integration's hook, which is entered at the third party");
  hook_url_app->add_option("ID", hook_url.id, "the integration")->required()->type_name("");
  auto* activities_app =
      app.add_subcommand("activities", "list the activities of an integration, the newest first");
  activities_app->add_option("ID", activities.id, "the integration")->required()->type_name("");
  add_list(*activities_app, "--state", activities.states,
           "in this state: pending, in_progress, complete, cancelled ...; may be repeated",
           "STATE");
  add_list(*activities_app, "--type", activities.types,
           "of this type, such as integration.add; may be repeated", "TYPE");
  activities_app->add_option("--limit", activities.limit, "the most to list; 0: all")
      ->type_name("COUNT")
      ->default_val(25);
  auto* wait_app = app.add_subcommand("wait", "wait until activities of an integration have ended");
  wait_app->add_option("ID", wait.id, "the integration")->required()->type_name("");
  wait_app
      ->add_option("ACTIVITY", wait.activities,
                   "the activities; without any, those that have not ended")
      ->type_name("");
  auto* cancel_app = app.add_subcommand("cancel", "ask the server to cancel an activity");
  cancel_app->add_option("ID", cancel.id, "the integration")->required()->type_name("");
  cancel_app->add_option("ACTIVITY", cancel.activity, "the activity")->required()->type_name("");
  auto* log_app = app.add_subcommand("log", "print the log of an activity");
  log_app->add_option("ID", log.id, "the integration")->required()->type_name("");
  log_app->add_option("ACTIVITY", log.activity, "the activity")->required()->type_name("");
  log_app->add_flag("-f,--follow", log.follow, "follow the log until the activity has ended");

  app.footer(footer);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::Error& e) {
    const auto unknown = app.remaining();
    if (app.get_subcommands().empty() && !unknown.empty())
      throw usage_error("there is no command '" + unknown.front() + "'; see --help");
    throw usage_error(std::string(e.what()) + "; see --help");
  }
  if (wanted.project.empty()) wanted.project = environment("UPSUN_PROJECT");
  if (wanted.project.empty()) wanted.project = environment("PLATFORM_PROJECT");
  if (wanted.project.empty() && !*kinds_app)
    throw usage_error("which project? Give --project or set UPSUN_PROJECT");
  if (*timeout_option)
    wanted.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000));

  if (*get_app) return request{std::move(wanted), std::move(get)};
  if (*list_app) return request{std::move(wanted), list_command()};
  if (*kinds_app) return request{std::move(wanted), std::move(kinds)};
  if (*create_app) return request{std::move(wanted), std::move(create)};
  if (*update_app) return request{std::move(wanted), std::move(update)};
  if (*delete_app) return request{std::move(wanted), std::move(erase)};
  if (*validate_app) return request{std::move(wanted), std::move(validate)};
  if (*hook_app) return request{std::move(wanted), std::move(hook)};
  if (*hook_url_app) return request{std::move(wanted), std::move(hook_url)};
  if (*activities_app) return request{std::move(wanted), std::move(activities)};
  if (*wait_app) return request{std::move(wanted), std::move(wait)};
  if (*cancel_app) return request{std::move(wanted), std::move(cancel)};
  return request{std::move(wanted), std::move(log)};
}

}  // namespace upsun::tool
