#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/model/described.hpp>

namespace upsun {

/// The resources that a new environment gets.
enum class init_resources { default_, manual, minimum, parent };
template <>
inline constexpr std::array<std::string_view, 4> wire_names<init_resources>{"default", "manual",
                                                                            "minimum", "parent"};

/// The kind of token that a GitHub integration was made with.
enum class github_token_type { classic_personal_token, github_app };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<github_token_type>{
    "classic_personal_token", "github_app"};

/// What the integrations with a source repository share. A visitor that takes it serves all four.
struct source_settings {
  /// Whether branches of the repository become environments.
  bool fetch_branches = false;
  /// Whether environments are deleted when their branch is deleted in the repository.
  bool prune_branches = false;
  /// The resources that a new environment gets.
  open_enum<init_resources> environment_init_resources;
};
BOOST_DESCRIBE_STRUCT(source_settings, (),
                      (fetch_branches, prune_branches, environment_init_resources))

/// The OAuth2 consumer of a Bitbucket integration.
struct bitbucket_app_credentials {
  std::string key;
};
BOOST_DESCRIBE_STRUCT(bitbucket_app_credentials, (), (key))

/// The add-on of a Bitbucket integration.
struct bitbucket_addon_credentials {
  /// The key of the add-on.
  std::string addon_key;
  /// The key of the add-on's client.
  std::string client_key;
};
BOOST_DESCRIBE_STRUCT(bitbucket_addon_credentials, (), (addon_key, client_key))

/// A repository at Bitbucket.
struct bitbucket_settings : source_settings {
  static constexpr std::string_view kind = "bitbucket";
  /// Empty: it was not made with an OAuth2 consumer.
  std::optional<bitbucket_app_credentials> app_credentials;
  /// Empty: it was not made with the add-on.
  std::optional<bitbucket_addon_credentials> addon_credentials;
  /// "owner/repository"
  std::string repository;
  /// Whether pull requests become environments.
  bool build_pull_requests = false;
  /// Whether such an environment starts with its parent's data.
  bool pull_requests_clone_parent_data = false;
  /// Whether such an environment is synchronised again on every push.
  bool resync_pull_requests = false;
  /// The most pages of pull requests that are fetched. Empty: no limit, or an older server.
  std::optional<std::int64_t> pull_requests_max_pages;
};
BOOST_DESCRIBE_STRUCT(bitbucket_settings, (source_settings),
                      (app_credentials, addon_credentials, repository, build_pull_requests,
                       pull_requests_clone_parent_data, resync_pull_requests,
                       pull_requests_max_pages))

/// A repository on a self-hosted Bitbucket server.
struct bitbucket_server_settings : source_settings {
  static constexpr std::string_view kind = "bitbucket_server";
  /// The base URL of the server.
  std::string url;
  /// The name of the user whose token is used.
  std::string username;
  /// The key of the project at Bitbucket.
  std::string project;
  /// The name of the repository.
  std::string repository;
  /// Whether pull requests become environments.
  bool build_pull_requests = false;
  /// Whether such an environment starts with its parent's data.
  bool pull_requests_clone_parent_data = false;
};
BOOST_DESCRIBE_STRUCT(bitbucket_server_settings, (source_settings),
                      (url, username, project, repository, build_pull_requests,
                       pull_requests_clone_parent_data))

/// A repository at GitHub or on a GitHub Enterprise server.
struct github_settings : source_settings {
  static constexpr std::string_view kind = "github";
  /// The base URL of GitHub Enterprise's API. Empty: github.com.
  std::optional<std::string> base_url;
  /// "owner/repository"
  std::string repository;
  /// Whether pull requests become environments.
  bool build_pull_requests = false;
  /// Whether draft pull requests become environments, too.
  bool build_draft_pull_requests = false;
  /// Whether the result of merging a pull request is built, not its branch.
  bool build_pull_requests_post_merge = false;
  /// Whether such an environment starts with its parent's data.
  bool pull_requests_clone_parent_data = false;
  open_enum<github_token_type> token_type;
};
BOOST_DESCRIBE_STRUCT(github_settings, (source_settings),
                      (base_url, repository, build_pull_requests, build_draft_pull_requests,
                       build_pull_requests_post_merge, pull_requests_clone_parent_data, token_type))

/// A repository at GitLab.
struct gitlab_settings : source_settings {
  static constexpr std::string_view kind = "gitlab";
  /// When its token expires. Empty: it does not, or an older server.
  std::optional<timestamp> token_expires_at;
  /// Whether the token is renewed before it expires. Empty: an older server.
  std::optional<bool> rotate_token;
  /// How many weeks a renewed token is valid. Empty: an older server.
  std::optional<std::int64_t> rotate_token_validity_in_weeks;
  /// The base URL of the server.
  std::string base_url;
  /// "namespace/project"
  std::string project;
  /// Whether merge requests become environments.
  bool build_merge_requests = false;
  /// Whether merge requests marked as work in progress become environments, too.
  bool build_wip_merge_requests = false;
  /// Whether such an environment starts with its parent's data.
  bool merge_requests_clone_parent_data = false;
};
BOOST_DESCRIBE_STRUCT(gitlab_settings, (source_settings),
                      (token_expires_at, rotate_token, rotate_token_validity_in_weeks, base_url,
                       project, build_merge_requests, build_wip_merge_requests,
                       merge_requests_clone_parent_data))

}  // namespace upsun
