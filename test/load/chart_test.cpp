#include "load/chart.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace upsun::load {
namespace chart_test {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

chart line_of(std::vector<std::pair<double, double>> points) {
  return {.caption = "A <chart>",
          .x = {.title = "seconds"},
          .y = {.title = "rate & more"},
          .curves = {{.name = "one", .points = std::move(points)}}};
}

TEST(Chart, IsAnSvgWithItsLineAndRoundNumbers) {
  const std::string svg = svg_of(line_of({{0, 0}, {3, 900}}));
  EXPECT_EQ(svg.rfind("<svg ", 0), 0);
  EXPECT_TRUE(holds(svg, "aria-label=\"A &lt;chart&gt;\""));
  EXPECT_TRUE(holds(svg, ">rate &amp; more</text>"));
  EXPECT_TRUE(holds(svg, "d=\"M56.0 256.0L468.0 49.0\"")) << svg;  // 900 of 1000, where y ends
  for (const char* const label : {">0<", ">0.5<", ">2.5<", ">3<", ">200<", ">1000<"})
    EXPECT_TRUE(holds(svg, label)) << label << '\n' << svg;
}

TEST(Chart, LeavesOutWhatItCannotShow) {
  chart drawn = line_of({{1, 10}, {2, std::numeric_limits<double>::quiet_NaN()}, {3, 0}, {4, 100}});
  drawn.y.logarithmic = true;
  const std::string svg = svg_of(drawn);
  EXPECT_FALSE(holds(svg, "nan"));
  EXPECT_FALSE(holds(svg, "inf"));
  EXPECT_TRUE(holds(svg, "d=\"M159.0 256.0L468.0 26.0\"")) << svg;
}

TEST(Chart, OfNothingOrOfOneValueIsStillAPicture) {
  for (const bool logarithmic : {false, true}) {
    for (const auto& points : {std::vector<std::pair<double, double>>{}, {{5, 5}}, {{0, 0}}}) {
      chart drawn = line_of(points);
      drawn.x.logarithmic = drawn.y.logarithmic = logarithmic;
      const std::string svg = svg_of(drawn);
      EXPECT_FALSE(holds(svg, "nan") || holds(svg, "inf")) << svg;
      EXPECT_TRUE(holds(svg, "</svg>"));
    }
  }
}

TEST(Chart, LeavesOutLabelsThatWouldRunIntoOthers) {
  chart drawn = line_of({{1, 1}, {1000, 1}});
  drawn.x.logarithmic = true;
  drawn.x.ticks = {{1, "first"}, {990, "close"}, {1000, "closer"}};
  const std::string svg = svg_of(drawn);
  EXPECT_TRUE(holds(svg, ">first<"));
  EXPECT_TRUE(holds(svg, ">close<"));
  EXPECT_FALSE(holds(svg, ">closer<"));
}

TEST(Chart, MarksPointsAndNamesCurves) {
  chart drawn = line_of({{1, 12'300}});
  drawn.curves.front().marked = true;
  drawn.curves.push_back({.name = "planned", .points = {{1, 1}}, .dashed = true});
  const std::string figure = figure_of(drawn);
  EXPECT_TRUE(holds(figure, "<title>one: 12.3k at 1</title>")) << figure;
  EXPECT_TRUE(holds(figure, "<li class=\"c1 dashed\">planned</li>"));
  drawn.curves.pop_back();
  EXPECT_FALSE(holds(figure_of(drawn), "<ul")) << "one curve needs no legend";
}

}  // namespace chart_test
}  // namespace upsun::load
