#include "common/html.hpp"
#include "plots.hpp"
#include "report.hpp"

namespace upsun::load {
namespace {

constexpr const char* head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>upsun-load</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
pre { overflow-x: auto; padding: 1rem; background: #f5f5f5; }
figure { margin: 2rem 0; }
figcaption { font-weight: bold; }
svg { max-width: 100%; height: auto; }
</style>
</head>
<body>
)";

}  // namespace

std::string html_of(const report& data, const std::vector<std::string>& plots) {
  std::string page =
      std::string(head) + "<h1>Load test</h1>\n<pre>" + html_escaped(table_of(data)) + "</pre>\n";
  const std::vector<plot> captions = plots_of(data);
  for (std::size_t i = 0; i < plots.size() && i < captions.size(); ++i) {
    page += "<figure>\n<figcaption>" + html_escaped(captions[i].caption) + "</figcaption>\n" +
            plots[i] + "</figure>\n";
  }
  return page + "</body>\n</html>\n";
}

}  // namespace upsun::load
