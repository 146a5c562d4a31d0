// The Gaussian error linear unit in its exact form, y = x F(x) with F the normal distribution (Hendrycks and Gimpel, 2016).

#pragma once

#include "vector.h"

namespace hybrid_ecg {

/// F(x), the normal distribution, and f(x), its density: Abramowitz and Stegun 7.1.26, within 1e-7.
inline void Normal(Vector x, Vector *distribution, Vector *density) {
  const Vector t = 1.0f / (Abs(x) * 0.231641888f + 1.0f); // .3275911 / sqrt(2)
  Vector p = t * 0.5307027145f - 0.7265760135f; // half of 7.1.26's coefficients
  p = p * t + 0.7107068705f;
  p = p * t - 0.142248368f;
  p = p * t + 0.1274147960f;
  const Vector bell = Exp(x * x * -0.5f);
  const Vector tail = p * t * bell; // F(-|x|)
  *distribution = x < 0.0f ? tail : 1.0f - tail;
  *density = bell * 0.398942280f;
}

inline Vector Gelu(Vector x) {
  Vector distribution, density;
  Normal(x, &distribution, &density);
  return x * distribution;
}

/// F(x) + x f(x)
inline Vector GeluSlope(Vector x) {
  Vector distribution, density;
  Normal(x, &distribution, &density);
  return distribution + x * density;
}

} // namespace hybrid_ecg
