#pragma once

#include <string>

/// \file
/// Files that are written as a whole or not at all.

namespace upsun {

/// Asked before long work whose result goes to a file. Changes nothing.
/// \throws std::runtime_error when the file could not be written
void require_writable(const std::string& name);

/// Writes a file beside it first and renames that, so that nobody ever sees half of it. What is no
/// regular file, such as a pipe, is written to.
/// \throws std::runtime_error when it cannot be written; it is as it was then
void replace_file(const std::string& name, const std::string& text);

}  // namespace upsun
