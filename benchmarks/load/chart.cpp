#include "chart.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "common/html.hpp"
#include "numbers.hpp"

namespace upsun::load {
namespace {

// The picture's size, and what of it is for labels. Text of 13 stays legible on a phone, where the
// picture is three quarters as wide.
constexpr double picture_width = 480;
constexpr double picture_height = 300;
constexpr double left_side = 56;
constexpr double right_side = 12;
constexpr double top_side = 26;
constexpr double bottom_side = 44;
constexpr double digit_width = 8;

using tick = std::pair<double, std::string>;

/// A number for a label, such as "0.05", "1500" and "12k".
std::string label_of(double value) {
  if (std::abs(value) >= 1e6) return short_number(value / 1e6) + "M";
  return std::abs(value) >= 1e4 ? short_number(value / 1e3) + "k" : short_number(value);
}

std::string coordinate(double value) {
  std::array<char, 32> text{};
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1);
  return {text.data(), written.ptr};
}

/// The round number (1, 2 or 5 with zeros) that is not less.
double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

/// Round numbers from zero.
std::vector<tick> linear_ticks(double most) {
  const double step = round_up(most / 6);
  std::vector<tick> ticks;
  for (int i = 0; i * step <= most * (1 + 1e-9); ++i)
    ticks.emplace_back(i * step, label_of(i * step));
  return ticks;
}

/// Round numbers; powers of ten only where there are many.
std::vector<tick> logarithmic_ticks(double least, double most) {
  const bool few = std::log10(most / least) < 3.2;
  std::vector<tick> ticks;
  for (double power = std::pow(10, std::floor(std::log10(least))); power <= most; power *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) {
      const double value = step * power;
      if ((few || step == 1) && value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9))
        ticks.emplace_back(value, label_of(value));
    }
  }
  return ticks;
}

/// Where the values of an axis lie in the picture.
class placement {
 public:
  /// \param vertical upwards and up to a round number; else to the right
  placement(const axis& of, double least, double most, bool vertical)
      : logarithmic_(of.logarithmic),
        begin_(vertical ? picture_height - bottom_side : left_side),
        end_(vertical ? top_side : picture_width - right_side) {
    if (!(least <= most)) least = most = 1;  // there is no value
    if (logarithmic_) {
      least_ = vertical ? 1 / round_up(1 / least) : least;
      most_ = vertical ? round_up(most) : most;
      if (most_ <= least_) most_ = least_ * 10;
    } else {
      most_ = most > 0 ? most : 1;
      if (vertical) most_ = std::ceil(most_ / round_up(most_ / 6) - 1e-9) * round_up(most_ / 6);
    }
    ticks_ = !of.ticks.empty() ? of.ticks
             : logarithmic_    ? logarithmic_ticks(least_, most_)
                               : linear_ticks(most_);
    std::erase_if(ticks_, [&](const tick& each) {
      return each.first < least_ * (1 - 1e-9) || each.first > most_ * (1 + 1e-9);
    });
  }

  [[nodiscard]] bool shows(double value) const {
    return std::isfinite(value) && (!logarithmic_ || value > 0);
  }
  [[nodiscard]] double at(double value) const {
    const double part = logarithmic_ ? std::log(value / least_) / std::log(most_ / least_)
                                     : (value - least_) / (most_ - least_);
    return begin_ + part * (end_ - begin_);
  }
  [[nodiscard]] const std::vector<tick>& ticks() const { return ticks_; }

 private:
  bool logarithmic_;
  double begin_;
  double end_;
  double least_ = 0;
  double most_ = 1;
  std::vector<tick> ticks_;
};

template <class Coordinate>
placement place(const chart& drawn, const axis& of, bool vertical, Coordinate coordinate_of) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  for (const curve& each : drawn.curves) {
    for (const auto& point : each.points) {
      const double value = coordinate_of(point);
      if (!std::isfinite(value) || (of.logarithmic && value <= 0)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  }
  return {of, least, most, vertical};
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" text-anchor=\"" + anchor +
         "\">" + html_escaped(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2) {
  return "<path class=\"grid\" d=\"M" + coordinate(x1) + ' ' + coordinate(y1) + 'L' +
         coordinate(x2) + ' ' + coordinate(y2) + "\"/>\n";
}

std::string grid_of(const chart& drawn, const placement& x, const placement& y) {
  const double bottom = picture_height - bottom_side;
  std::string svg;
  double free_from = 0;
  for (const auto& [value, label] : x.ticks()) {
    svg += line(x.at(value), top_side, x.at(value), bottom);
    const double half = static_cast<double>(label.size()) * digit_width / 2;
    if (x.at(value) - half < free_from) continue;  // it would run into the one before
    svg += text_at(x.at(value), bottom + 17, "middle", label);
    free_from = x.at(value) + half + digit_width / 2;
  }
  for (const auto& [value, label] : y.ticks()) {
    svg += line(left_side, y.at(value), picture_width - right_side, y.at(value));
    svg += text_at(left_side - 6, y.at(value) + 4, "end", label);
  }
  svg += text_at((left_side + picture_width - right_side) / 2, picture_height - 6, "middle",
                 drawn.x.title);
  return svg + text_at(4, 14, "start", drawn.y.title);
}

std::string class_of(std::size_t index) { return "c" + std::to_string(index % curve_classes); }

std::string curve_svg(const curve& shown, std::size_t index, const placement& x,
                      const placement& y) {
  std::string path;
  std::string marks;
  for (const auto& [at_x, at_y] : shown.points) {
    if (!x.shows(at_x) || !y.shows(at_y)) continue;
    const std::string px = coordinate(x.at(at_x));
    const std::string py = coordinate(y.at(at_y));
    path.append(path.empty() ? "M" : "L").append(px).append(" ").append(py);
    if (!shown.marked) continue;
    marks.append("<circle cx=\"").append(px).append("\" cy=\"").append(py);
    marks.append("\" r=\"4\"><title>").append(html_escaped(shown.name)).append(": ");
    marks.append(label_of(at_y)).append(" at ").append(label_of(at_x));
    marks.append("</title></circle>\n");
  }
  return "<g class=\"" + class_of(index) + (shown.dashed ? " dashed" : "") +
         "\"><path class=\"curve\" d=\"" + path + "\"/>\n" + marks + "</g>\n";
}

}  // namespace

std::string svg_of(const chart& drawn) {
  const placement x = place(drawn, drawn.x, false, [](const auto& point) { return point.first; });
  const placement y = place(drawn, drawn.y, true, [](const auto& point) { return point.second; });
  std::string svg = "<svg role=\"img\" aria-label=\"" + html_escaped(drawn.caption) +
                    "\" viewBox=\"0 0 " + label_of(picture_width) + ' ' + label_of(picture_height) +
                    "\">\n" + grid_of(drawn, x, y);
  for (std::size_t i = 0; i < drawn.curves.size(); ++i) svg += curve_svg(drawn.curves[i], i, x, y);
  return svg + "</svg>\n";
}

std::string figure_of(const chart& drawn) {
  std::string html =
      "<figure>\n<figcaption>" + html_escaped(drawn.caption) + "</figcaption>\n" + svg_of(drawn);
  if (drawn.curves.size() > 1) {
    html += "<ul class=\"legend\">";
    for (std::size_t i = 0; i < drawn.curves.size(); ++i)
      html += "<li class=\"" + class_of(i) + (drawn.curves[i].dashed ? " dashed" : "") + "\">" +
              html_escaped(drawn.curves[i].name) + "</li>";
    html += "</ul>\n";
  }
  return html + "</figure>\n";
}

}  // namespace upsun::load
