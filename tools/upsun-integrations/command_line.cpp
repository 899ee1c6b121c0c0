#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>

#include <upsun/version.hpp>

#include "common/real_number.hpp"
#include "exit_status.hpp"

namespace upsun::tool {
namespace {

constexpr const char* about = "Reads and changes the third-party integrations of Upsun projects.";

constexpr const char* footer = R"(
Environment:
  UPSUN_CLI_TOKEN     an API token; or UPSUN_ACCESS_TOKEN, an access token. Never an argument, which others could see.
  UPSUN_PROJECT       the project, when there is no --project; else PLATFORM_PROJECT
  UPSUN_API_URL       base URL of the API, when there is no --url
  UPSUN_DEFAULT_TIMEOUT, UPSUN_AUTH_URL, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE are read, too.
Exit status:
  0 success   1 any other failure   2 usage   3 not found   4 not permitted   5 invalid   6 timeout   7 network or TLS   8 activity failed
  9 parts of the fleet are forbidden, gone or suspended   130 interrupted
Examples:
  upsun-integrations list --project abcdefg
  upsun-integrations list --all --kind webhook --csv > webhooks.csv
  upsun-integrations report --html report.html
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

void add_csv(CLI::App& to, bool& csv) { to.add_flag("--csv", csv, "print CSV with a header line"); }

constexpr const char* resume_option = "--resume-file";
/// Options that mean nothing without a walk.
constexpr const char* walk_only[] = {"--kind",      "--region",      "--status",
                                     "--no-shared", "--concurrency", resume_option};

/// The options of a command that walks over the fleet, always or on request.
void add_walk(CLI::App& to, walk_options& wanted) {
  add_list(to, "--organization", wanted.organizations,
           "only projects of this organization; may be repeated", "ID|NAME");
  add_list(to, "--kind", wanted.kinds, "only integrations of this kind; may be repeated", "KIND");
  add_list(to, "--region", wanted.regions, "only projects in such a region; may be repeated",
           "GLOB");
  add_list(to, "--status", wanted.statuses,
           "only projects with this status, such as active; may be repeated", "STATUS");
  to.add_flag_callback(
      "--no-shared", [&wanted] { wanted.shared = false; },
      "leave out projects that other people's organizations share");
  to.add_option("--concurrency", wanted.concurrency, "how many requests at once (default 64)")
      ->type_name("COUNT")
      ->check(CLI::Range(1, 65'536).description(""));
}

void add_all(CLI::App& to, walk_options& wanted) {
  to.add_flag("--all", wanted.all,
              "of all projects of all organizations; --project is a GLOB of ids or titles then");
  add_walk(to, wanted);
}

void add_resume_file(CLI::App& to, walk_options& wanted) {
  to.add_option(resume_option, wanted.resume_file,
                "written when interrupted: where the same command goes on at its next start")
      ->type_name("FILE");
}

/// \throws usage_error for an option of a walk without a walk
void check_walk(const CLI::App& of, const walk_options& wanted) {
  if (wanted.on()) return;
  for (const char* name : walk_only) {
    const auto* option = of.get_option_no_throw(name);
    if (option != nullptr && option->count() > 0)
      throw usage_error(std::string(name) + " needs --all or --organization");
  }
}

}  // namespace

bool is_of_project(const command& what) {
  return std::visit(
      [](const auto& wanted) {
        using type = std::decay_t<decltype(wanted)>;
        if constexpr (requires { wanted.walk; })
          return !wanted.walk.on();
        else
          return !std::is_same_v<type, kinds_command> &&
                 !std::is_same_v<type, organizations_command> &&
                 !std::is_same_v<type, projects_command>;
      },
      what);
}

std::variant<request, int> read_command_line(int argc, const char* const* argv) {
  settings wanted;
  double timeout = 0;
  get_command get;
  list_command list;
  projects_command projects;
  report_command report{.walk = {.all = true}};
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
  app.add_option("-p,--project", wanted.project, "the project, by its id or its exact title")
      ->type_name("ID|TITLE");
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
  app.add_flag("--json", wanted.json,
               "print JSON, one document or a line for each item; errors, too, on standard error");
  app.add_flag("--show-secrets", wanted.show_secrets, "print secrets instead of ***");

  auto* get_app = app.add_subcommand("get", "show integrations");
  get_app->add_option("ID", get.ids, "the integrations")->required()->type_name("");
  add_all(*get_app, get.walk);
  auto* list_app = app.add_subcommand("list", "list the integrations of a project, or of all");
  add_all(*list_app, list.walk);
  add_csv(*list_app, wanted.csv);
  add_resume_file(*list_app, list.walk);
  auto* organizations_app = app.add_subcommand("organizations", "list the organizations");
  add_csv(*organizations_app, wanted.csv);
  auto* projects_app = app.add_subcommand("projects", "list the projects of all organizations");
  add_list(*projects_app, "--organization", projects.organizations,
           "only those of this organization; may be repeated", "ID|NAME");
  add_csv(*projects_app, wanted.csv);
  auto* report_app = app.add_subcommand(
      "report",
      "count the integrations of all projects, and name those that need somebody's attention");
  add_walk(*report_app, report.walk);
  report_app->add_option("--days", report.days, "name tokens that expire within so many days")
      ->type_name("COUNT")
      ->default_val(30)
      ->check(CLI::Range(0, 3650).description(""));
  report_app->add_flag("--validate", report.validate,
                       "name integrations that fail validation; costs two requests each");
  report_app->add_option("--html", report.html_file, "write a page with plots, too")
      ->type_name("FILE");
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
  validate_app->add_option("ID", validate.id, "the integration")->type_name("");
  add_all(*validate_app, validate.walk);
  add_resume_file(*validate_app, validate.walk);
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
  if (*timeout_option)
    wanted.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(timeout * 1000));
  if (wanted.json && wanted.csv) throw usage_error("--csv and --json exclude each other");
  check_walk(*get_app, get.walk);
  check_walk(*list_app, list.walk);
  check_walk(*validate_app, validate.walk);
  if (*list_app && wanted.csv && !list.walk.on())
    throw usage_error("--csv needs --all or --organization");
  if (*validate_app && validate.id.empty() != validate.walk.on())
    throw usage_error(validate.id.empty() ? "ID is required, or --all; see --help"
                                          : "--all validates all, so it takes no ID; see --help");

  const auto chosen = [&]() -> command {
    if (*get_app) return std::move(get);
    if (*list_app) return std::move(list);
    if (*organizations_app) return organizations_command();
    if (*projects_app) return std::move(projects);
    if (*report_app) return std::move(report);
    if (*kinds_app) return std::move(kinds);
    if (*create_app) return std::move(create);
    if (*update_app) return std::move(update);
    if (*delete_app) return std::move(erase);
    if (*validate_app) return std::move(validate);
    if (*hook_app) return std::move(hook);
    if (*hook_url_app) return std::move(hook_url);
    if (*activities_app) return std::move(activities);
    if (*wait_app) return std::move(wait);
    if (*cancel_app) return std::move(cancel);
    return std::move(log);
  };
  request made{std::move(wanted), chosen()};
  std::string& project = made.settings.project;
  if (is_of_project(made.command)) {
    if (project.empty()) project = environment("UPSUN_PROJECT");
    if (project.empty()) project = environment("PLATFORM_PROJECT");
    if (project.empty()) throw usage_error("which project? Give --project or set UPSUN_PROJECT");
  }
  return made;
}

}  // namespace upsun::tool
