// Threads that share the work of one operation, and wait for the next without going to sleep at once.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace hybrid_ecg {

/// Calls a function for each task, on the calling thread and its helpers. Which thread takes which task is left to
/// chance, so a task must write what no other does. What one throws, the call throws when all have stopped; tasks that
/// were not begun are left out.
class ThreadPool {
public:
  explicit ThreadPool(int threads) {
    try {
      for (; helpers_ < threads - 1; helpers_++) std::thread([this] { Help(); }).detach();
    } catch (const std::system_error &) { // the system has no thread left: those that came help
    }
  }

  int threads() const { return helpers_ + 1; }

  void ForEach(long tasks, const std::function<void(long)> &work) {
    std::unique_lock<std::mutex> only(caller_, std::try_to_lock);
    if (tasks <= 1 || helpers_ == 0 || !only.owns_lock()) { // another Node thread holds the helpers
      for (long task = 0; task < tasks; task++) work(task);
      return;
    }
    work_ = &work;
    tasks_ = tasks;
    next_.store(0, std::memory_order_relaxed);
    const uint64_t round = (gate_.load(std::memory_order_relaxed) >> kRoundShift) + 1;
    gate_.store(round << kRoundShift | kOpen); // from here helpers come in
    if (asleep_.load() > 0) {
      std::lock_guard<std::mutex> lock(sleep_);
      wake_.notify_all();
    }
    TakeTasks();
    gate_.fetch_and(~kOpen); // a helper that had no core until now is not waited for
    for (int spins = 0; (gate_.load(std::memory_order_acquire) & kInside) > 0; spins++) {
      if (spins < 4096) Pause();
      else std::this_thread::yield(); // a helper may be waiting for this core
    }
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

private:
  static constexpr uint64_t kInside = 0xffff, kOpen = 0x10000;
  static constexpr int kRoundShift = 17;

  void TakeTasks() {
    try {
      for (long task; (task = next_.fetch_add(1, std::memory_order_relaxed)) < tasks_;) (*work_)(task);
    } catch (...) {
      next_.store(tasks_, std::memory_order_relaxed);
      std::lock_guard<std::mutex> one(failing_);
      if (failure_ == nullptr) failure_ = std::current_exception();
    }
  }

  void Help() {
    for (uint64_t round = 0;;) {
      round = AwaitRound(round);
      if (!Enter(round)) continue;
      TakeTasks();
      gate_.fetch_sub(1, std::memory_order_release);
    }
  }

  /// Counts this helper in, unless the round is over.
  bool Enter(uint64_t round) {
    uint64_t gate = gate_.load(std::memory_order_relaxed);
    while (gate >> kRoundShift == round && (gate & kOpen) != 0) {
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire)) return true;
    }
    return false;
  }

  /// Waits for a round after the one seen last, and tells which.
  uint64_t AwaitRound(uint64_t seen) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    do {
      for (int i = 0; i < 64; i++) {
        const uint64_t round = gate_.load(std::memory_order_acquire) >> kRoundShift;
        if (round != seen) return round;
        Pause();
      }
    } while (std::chrono::steady_clock::now() < patience);
    std::unique_lock<std::mutex> lock(sleep_);
    asleep_.fetch_add(1);
    uint64_t round = seen;
    wake_.wait(lock, [&] { return (round = gate_.load() >> kRoundShift) != seen; });
    asleep_.fetch_sub(1);
    return round;
  }

  static void Pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  int helpers_ = 0;
  const std::function<void(long)> *work_ = nullptr;
  long tasks_ = 0;
  std::atomic<long> next_{0};
  /// The number of the round, whether it is open, and how many helpers are inside.
  std::atomic<uint64_t> gate_{0};
  std::atomic<int> asleep_{0};
  std::exception_ptr failure_;
  std::mutex caller_, sleep_, failing_;
  std::condition_variable wake_;
};

} // namespace hybrid_ecg
