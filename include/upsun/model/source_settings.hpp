#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/model/described.hpp>

namespace upsun {

/// What a new environment is filled with.
enum class init_resources { default_, manual, minimum, parent };
template <>
inline constexpr std::array<std::string_view, 4> wire_names<init_resources>{"default", "manual",
                                                                            "minimum", "parent"};

/// The kind of token a GitHub integration was made with.
enum class github_token_type { classic_personal_token, github_app };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<github_token_type>{
    "classic_personal_token", "github_app"};

/// What the integrations with a source repository share. A visitor that takes it serves all four.
struct source_settings {
  bool fetch_branches = false;  ///< Branches of the repository become environments.
  bool prune_branches = false;  ///< Branches deleted in the repository are deleted here too.
  open_enum<init_resources> environment_init_resources;  ///< What a new environment is filled with.
};
BOOST_DESCRIBE_STRUCT(source_settings, (),
                      (fetch_branches, prune_branches, environment_init_resources))

/// The OAuth2 consumer of a Bitbucket integration.
struct bitbucket_app_credentials {
  std::string key;  ///< The consumer's key.
};
BOOST_DESCRIBE_STRUCT(bitbucket_app_credentials, (), (key))

/// The add-on of a Bitbucket integration.
struct bitbucket_addon_credentials {
  std::string addon_key;   ///< The add-on's key.
  std::string client_key;  ///< The client's key.
};
BOOST_DESCRIBE_STRUCT(bitbucket_addon_credentials, (), (addon_key, client_key))

/// A repository at Bitbucket.
struct bitbucket_settings : source_settings {
  static constexpr std::string_view kind = "bitbucket";
  std::optional<bitbucket_app_credentials>
      app_credentials;  ///< Set when it was made with an OAuth2 consumer.
  std::optional<bitbucket_addon_credentials>
      addon_credentials;             ///< Set when it was made with the add-on.
  std::string repository;            ///< "owner/repository"
  bool build_pull_requests = false;  ///< Pull requests become environments.
  bool pull_requests_clone_parent_data =
      false;                          ///< Such an environment starts with its parent's data.
  bool resync_pull_requests = false;  ///< Such an environment is synchronised again on every push.
  std::optional<std::int64_t> pull_requests_max_pages;  ///< Pages of pull requests that are
                                                        ///< fetched; absent from older servers.
};
BOOST_DESCRIBE_STRUCT(bitbucket_settings, (source_settings),
                      (app_credentials, addon_credentials, repository, build_pull_requests,
                       pull_requests_clone_parent_data, resync_pull_requests,
                       pull_requests_max_pages))

/// A repository on a Bitbucket server of one's own.
struct bitbucket_server_settings : source_settings {
  static constexpr std::string_view kind = "bitbucket_server";
  std::string url;                   ///< The server's base URL.
  std::string username;              ///< The user whose token is used.
  std::string project;               ///< The project's key there.
  std::string repository;            ///< The repository's name.
  bool build_pull_requests = false;  ///< Pull requests become environments.
  bool pull_requests_clone_parent_data =
      false;  ///< Such an environment starts with its parent's data.
};
BOOST_DESCRIBE_STRUCT(bitbucket_server_settings, (source_settings),
                      (url, username, project, repository, build_pull_requests,
                       pull_requests_clone_parent_data))

/// A repository at GitHub or on a GitHub Enterprise server.
struct github_settings : source_settings {
  static constexpr std::string_view kind = "github";
  std::optional<std::string>
      base_url;            ///< The API's base URL on GitHub Enterprise; null for github.com.
  std::string repository;  ///< "owner/repository"
  bool build_pull_requests = false;             ///< Pull requests become environments.
  bool build_draft_pull_requests = false;       ///< Drafts too.
  bool build_pull_requests_post_merge = false;  ///< What is built is the result of merging them.
  bool pull_requests_clone_parent_data =
      false;                                ///< Such an environment starts with its parent's data.
  open_enum<github_token_type> token_type;  ///< What it authenticates with.
};
BOOST_DESCRIBE_STRUCT(github_settings, (source_settings),
                      (base_url, repository, build_pull_requests, build_draft_pull_requests,
                       build_pull_requests_post_merge, pull_requests_clone_parent_data, token_type))

/// A repository at GitLab.
struct gitlab_settings : source_settings {
  static constexpr std::string_view kind = "gitlab";
  std::optional<timestamp> token_expires_at;  ///< When its token expires; null when it does not.
  bool rotate_token = false;                  ///< The token is renewed before it expires.
  std::int64_t rotate_token_validity_in_weeks = 0;  ///< How long a renewed token is valid.
  std::string base_url;                             ///< The server's base URL.
  std::string project;                              ///< "namespace/project"
  bool build_merge_requests = false;                ///< Merge requests become environments.
  bool build_wip_merge_requests = false;            ///< Those marked as work in progress too.
  bool merge_requests_clone_parent_data =
      false;  ///< Such an environment starts with its parent's data.
};
BOOST_DESCRIBE_STRUCT(gitlab_settings, (source_settings),
                      (token_expires_at, rotate_token, rotate_token_validity_in_weeks, base_url,
                       project, build_merge_requests, build_wip_merge_requests,
                       merge_requests_clone_parent_data))

}  // namespace upsun
