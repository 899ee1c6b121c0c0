#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <upsun/model/request_members.hpp>
#include <upsun/model/source_settings.hpp>

namespace upsun {

/// Members of requests for the integrations with a source repository.
struct source_fields {
  field<bool> fetch_branches;
  field<bool> prune_branches;
  field<open_enum<init_resources>> environment_init_resources;
};
BOOST_DESCRIBE_STRUCT(source_fields, (),
                      (fetch_branches, prune_branches, environment_init_resources))

/// Setters shared by the four kinds with a source repository.
template <class Self, class Fields>
class source_members : public request_members<Self, Fields> {
 public:
  /// Whether branches of the repository become environments. False sends `prune_branches` as false,
  /// too, since the API requires it; setting that to true is refused then.
  Self& fetch_branches(bool value) { return this->set(&source_fields::fetch_branches, value); }
  /// Whether environments are deleted when their branch is deleted in the repository.
  Self& prune_branches(bool value) { return this->set(&source_fields::prune_branches, value); }
  /// The resources that a new environment gets. A value that this version does not know is refused.
  Self& environment_init_resources(open_enum<init_resources> value) {
    return this->set(&source_fields::environment_init_resources, std::move(value));
  }
};

/// An OAuth2 consumer in a request.
struct bitbucket_app_credentials_field {
  std::string key;
  upsun::secret secret;
};
BOOST_DESCRIBE_STRUCT(bitbucket_app_credentials_field, (), (key, secret))

/// An add-on in a request.
struct bitbucket_addon_credentials_field {
  std::string addon_key;
  std::string client_key;
  secret shared_secret;
};
BOOST_DESCRIBE_STRUCT(bitbucket_addon_credentials_field, (), (addon_key, client_key, shared_secret))

/// Members of requests for Bitbucket integrations.
struct bitbucket_fields : source_fields {
  static constexpr std::string_view kind = bitbucket_settings::kind;
  field<bitbucket_app_credentials_field> app_credentials;
  field<bitbucket_addon_credentials_field> addon_credentials;
  field<std::string> repository;
  field<bool> build_pull_requests;
  field<bool> pull_requests_clone_parent_data;
  field<bool> resync_pull_requests;
  field<std::int64_t> pull_requests_max_pages;
};
BOOST_DESCRIBE_STRUCT(bitbucket_fields, (source_fields),
                      (app_credentials, addon_credentials, repository, build_pull_requests,
                       pull_requests_clone_parent_data, resync_pull_requests,
                       pull_requests_max_pages))

/// Setters of a Bitbucket integration.
template <class Self>
class bitbucket_members : public source_members<Self, bitbucket_fields> {
 public:
  /// Authenticates with an OAuth2 consumer.
  Self& app_credentials(std::string key, secret consumer_secret) {
    return this->set(&bitbucket_fields::app_credentials,
                     bitbucket_app_credentials_field{std::move(key), std::move(consumer_secret)});
  }
  /// Removes the OAuth2 consumer.
  Self& app_credentials(std::nullptr_t) {
    return this->set(&bitbucket_fields::app_credentials, nullptr);
  }
  /// Authenticates with an add-on.
  Self& addon_credentials(std::string addon_key, std::string client_key, secret shared_secret) {
    return this->set(&bitbucket_fields::addon_credentials,
                     bitbucket_addon_credentials_field{std::move(addon_key), std::move(client_key),
                                                       std::move(shared_secret)});
  }
  /// Removes the add-on.
  Self& addon_credentials(std::nullptr_t) {
    return this->set(&bitbucket_fields::addon_credentials, nullptr);
  }
  /// "owner/repository"
  Self& repository(std::string value) {
    return this->set(&bitbucket_fields::repository, std::move(value));
  }
  /// Whether pull requests become environments.
  Self& build_pull_requests(bool value) {
    return this->set(&bitbucket_fields::build_pull_requests, value);
  }
  /// Whether such an environment starts with its parent's data.
  Self& pull_requests_clone_parent_data(bool value) {
    return this->set(&bitbucket_fields::pull_requests_clone_parent_data, value);
  }
  /// Whether such an environment is synchronised again on every push.
  Self& resync_pull_requests(bool value) {
    return this->set(&bitbucket_fields::resync_pull_requests, value);
  }
  /// The most pages of pull requests that are fetched. Null: no limit. Older servers do not know
  /// it.
  Self& pull_requests_max_pages(field<std::int64_t> value) {
    return this->set(&bitbucket_fields::pull_requests_max_pages, std::move(value));
  }
};

/// Creates an integration with a repository at Bitbucket.
class bitbucket_input final : public bitbucket_members<bitbucket_input> {
 public:
  explicit bitbucket_input(std::string repository) { this->repository(std::move(repository)); }
};
using bitbucket_patch = patch<bitbucket_members>;

/// Members of requests for Bitbucket server integrations.
struct bitbucket_server_fields : source_fields {
  static constexpr std::string_view kind = bitbucket_server_settings::kind;
  field<std::string> url;
  field<std::string> username;
  field<secret> token;
  field<std::string> project;
  field<std::string> repository;
  field<bool> build_pull_requests;
  field<bool> pull_requests_clone_parent_data;
};
BOOST_DESCRIBE_STRUCT(bitbucket_server_fields, (source_fields),
                      (url, username, token, project, repository, build_pull_requests,
                       pull_requests_clone_parent_data))

/// Setters of a Bitbucket server integration.
template <class Self>
class bitbucket_server_members : public source_members<Self, bitbucket_server_fields> {
 public:
  /// The base URL of the server.
  Self& url(std::string value) {
    return this->set(&bitbucket_server_fields::url, std::move(value));
  }
  /// The name of the user whose token is used.
  Self& username(std::string value) {
    return this->set(&bitbucket_server_fields::username, std::move(value));
  }
  /// The token of that user. The API never returns it.
  Self& token(secret value) { return this->set(&bitbucket_server_fields::token, std::move(value)); }
  /// The key of the project at Bitbucket.
  Self& project(std::string value) {
    return this->set(&bitbucket_server_fields::project, std::move(value));
  }
  /// The name of the repository.
  Self& repository(std::string value) {
    return this->set(&bitbucket_server_fields::repository, std::move(value));
  }
  /// Whether pull requests become environments.
  Self& build_pull_requests(bool value) {
    return this->set(&bitbucket_server_fields::build_pull_requests, value);
  }
  /// Whether such an environment starts with its parent's data.
  Self& pull_requests_clone_parent_data(bool value) {
    return this->set(&bitbucket_server_fields::pull_requests_clone_parent_data, value);
  }
};

/// Creates an integration with a repository on a self-hosted Bitbucket server.
class bitbucket_server_input final : public bitbucket_server_members<bitbucket_server_input> {
 public:
  bitbucket_server_input(std::string url, std::string username, secret token, std::string project,
                         std::string repository) {
    this->url(std::move(url))
        .username(std::move(username))
        .token(std::move(token))
        .project(std::move(project))
        .repository(std::move(repository));
  }
};
using bitbucket_server_patch = patch<bitbucket_server_members>;

/// Members of requests for GitHub integrations.
struct github_fields : source_fields {
  static constexpr std::string_view kind = github_settings::kind;
  field<secret> token;
  field<std::string> base_url;
  field<std::string> repository;
  field<bool> build_pull_requests;
  field<bool> build_draft_pull_requests;
  field<bool> build_pull_requests_post_merge;
  field<bool> pull_requests_clone_parent_data;
};
BOOST_DESCRIBE_STRUCT(github_fields, (source_fields),
                      (token, base_url, repository, build_pull_requests, build_draft_pull_requests,
                       build_pull_requests_post_merge, pull_requests_clone_parent_data))

/// Setters of a GitHub integration.
template <class Self>
class github_members : public source_members<Self, github_fields> {
 public:
  /// The token that it authenticates with. The API never returns it.
  Self& token(secret value) { return this->set(&github_fields::token, std::move(value)); }
  /// The base URL of GitHub Enterprise's API. Null: github.com.
  Self& base_url(field<std::string> value) {
    return this->set(&github_fields::base_url, std::move(value));
  }
  /// "owner/repository"
  Self& repository(std::string value) {
    return this->set(&github_fields::repository, std::move(value));
  }
  /// Whether pull requests become environments.
  Self& build_pull_requests(bool value) {
    return this->set(&github_fields::build_pull_requests, value);
  }
  /// Whether draft pull requests become environments, too.
  Self& build_draft_pull_requests(bool value) {
    return this->set(&github_fields::build_draft_pull_requests, value);
  }
  /// Whether the result of merging a pull request is built, not its branch.
  Self& build_pull_requests_post_merge(bool value) {
    return this->set(&github_fields::build_pull_requests_post_merge, value);
  }
  /// Whether such an environment starts with its parent's data.
  Self& pull_requests_clone_parent_data(bool value) {
    return this->set(&github_fields::pull_requests_clone_parent_data, value);
  }
};

/// Creates an integration with a repository at GitHub or on a GitHub Enterprise server.
class github_input final : public github_members<github_input> {
 public:
  github_input(secret token, std::string repository) {
    this->token(std::move(token)).repository(std::move(repository));
  }
};
using github_patch = patch<github_members>;

/// Members of requests for GitLab integrations.
struct gitlab_fields : source_fields {
  static constexpr std::string_view kind = gitlab_settings::kind;
  field<secret> token;
  field<bool> rotate_token;
  field<std::int64_t> rotate_token_validity_in_weeks;
  field<std::string> base_url;
  field<std::string> project;
  field<bool> build_merge_requests;
  field<bool> build_wip_merge_requests;
  field<bool> merge_requests_clone_parent_data;
};
BOOST_DESCRIBE_STRUCT(gitlab_fields, (source_fields),
                      (token, rotate_token, rotate_token_validity_in_weeks, base_url, project,
                       build_merge_requests, build_wip_merge_requests,
                       merge_requests_clone_parent_data))

/// Setters of a GitLab integration.
template <class Self>
class gitlab_members : public source_members<Self, gitlab_fields> {
 public:
  /// The token that it authenticates with. The API never returns it.
  Self& token(secret value) { return this->set(&gitlab_fields::token, std::move(value)); }
  /// Whether the token is renewed before it expires.
  Self& rotate_token(bool value) { return this->set(&gitlab_fields::rotate_token, value); }
  /// How many weeks a renewed token is valid.
  Self& rotate_token_validity_in_weeks(std::int64_t value) {
    return this->set(&gitlab_fields::rotate_token_validity_in_weeks, value);
  }
  /// The base URL of the server.
  Self& base_url(std::string value) {
    return this->set(&gitlab_fields::base_url, std::move(value));
  }
  /// "namespace/project"
  Self& project(std::string value) { return this->set(&gitlab_fields::project, std::move(value)); }
  /// Whether merge requests become environments.
  Self& build_merge_requests(bool value) {
    return this->set(&gitlab_fields::build_merge_requests, value);
  }
  /// Whether merge requests marked as work in progress become environments, too.
  Self& build_wip_merge_requests(bool value) {
    return this->set(&gitlab_fields::build_wip_merge_requests, value);
  }
  /// Whether such an environment starts with its parent's data.
  Self& merge_requests_clone_parent_data(bool value) {
    return this->set(&gitlab_fields::merge_requests_clone_parent_data, value);
  }
};

/// Creates an integration with a repository at GitLab.
class gitlab_input final : public gitlab_members<gitlab_input> {
 public:
  gitlab_input(secret token, std::string project) {
    this->token(std::move(token)).project(std::move(project));
  }
};
using gitlab_patch = patch<gitlab_members>;

}  // namespace upsun
