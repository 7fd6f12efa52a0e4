// Memory that torch frees is kept for its next use. A training step asks for the same large blocks again and again; handed back to the
// kernel each time, every page of them is faulted in and zeroed anew.
#include <malloc.h>
#include <sys/mman.h>

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <list>
#include <map>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace {

constexpr size_t kPage = size_t{4} << 10;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLeast = 8 * kPage;            // rounding up to whole pages then wastes an eighth at most
constexpr size_t kLeastHuge = 4 * kHugePage;    // and to huge ones a fifth
constexpr size_t kSlack = size_t{64} << 20;

// Blocks of whole pages; the large ones of whole huge pages, aligned to them, so that the kernel may back them with huge pages: fewer
// faults, fewer misses when an address is looked up. Freed ones wait for a request of nearly their size, from whatever thread: glibc
// has a heap for every few threads, and batches that one thread makes and another frees would fill one heap after the other. What is in
// use and what waits together never grow beyond the greatest amount that was in use at one time, half of it and 64 MiB: the oldest go
// back first. With an eighth, networks whose maps have many sizes (DenseNet's concatenations) gave blocks back to the kernel and took others
// in every step: 3 to 5 % of its time.
class Blocks {
public:
    void* take(size_t bytes) {
        auto size = rounded(bytes);
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = waiting_.lower_bound(size);
        void* block = nullptr;
        if (found != waiting_.end() && found->first - size <= size / 8) {
            size = found->first;
            block = *found->second;
            by_age_.erase(found->second);
            waiting_.erase(found);
            waiting_bytes_ -= size;
        } else {
            peak_ = std::max(peak_, used_bytes_ + size);
            shrink(peak_ + peak_ / 2 + kSlack - size);
            block = map(size);
            if (!block) {
                shrink(0);
                block = map(size);
            }
            if (!block) return nullptr;
        }
        used_.emplace(block, size);
        used_bytes_ += size;
        peak_ = std::max(peak_, used_bytes_);
        return block;
    }

    // False: not one of ours.
    bool give_back(void* block) {
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = used_.find(block);
        if (found == used_.end()) return false;
        auto size = found->second;
        used_.erase(found);
        used_bytes_ -= size;
        by_age_.push_back(block);
        waiting_.emplace(size, std::prev(by_age_.end()));
        waiting_bytes_ += size;
        return true;
    }

private:
    using Age = std::list<void*>;

    // Sizes of sixteenths to eighths of their magnitude, so that a last, smaller batch's blocks serve others too.
    static size_t rounded(size_t bytes) {
        auto unit = kPage;
        if (bytes >= kLeastHuge) {
            unit = kHugePage;
        } else {
            while (unit * 16 <= bytes) unit *= 2;
        }
        return (bytes + unit - 1) / unit * unit;
    }

    static void* map(size_t size) {
        if (size < kLeastHuge) {
            auto block = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            return block == MAP_FAILED ? nullptr : block;
        }
        auto start = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) return nullptr;
        auto address = reinterpret_cast<uintptr_t>(start);
        auto aligned = (address + kHugePage - 1) / kHugePage * kHugePage;
        if (aligned > address) munmap(start, aligned - address);
        if (auto rest = address + kHugePage - aligned) munmap(reinterpret_cast<void*>(aligned + size), rest);
        auto block = reinterpret_cast<void*>(aligned);
        madvise(block, size, MADV_HUGEPAGE);
        return block;
    }

    // Until at most so much is in use and waiting.
    void shrink(size_t limit) {
        while (!by_age_.empty() && used_bytes_ + waiting_bytes_ > limit) {
            auto oldest = by_age_.begin();
            auto entry = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& pair) { return pair.second == oldest; });
            munmap(*oldest, entry->first);
            waiting_bytes_ -= entry->first;
            waiting_.erase(entry);
            by_age_.erase(oldest);
        }
    }

    std::mutex mutex_;
    std::unordered_map<void*, size_t> used_;
    std::multimap<size_t, Age::iterator> waiting_;
    Age by_age_;
    size_t used_bytes_ = 0;
    size_t waiting_bytes_ = 0;
    size_t peak_ = 0;
};

// Never destroyed: tensors of static life are freed after it would be.
Blocks& blocks() {
    static auto blocks = new Blocks;
    return *blocks;
}

void release(void* data) {
    if (!data) return;
    // Small blocks are seldom aligned so, and then the look-up tells.
    if (reinterpret_cast<uintptr_t>(data) % kPage == 0 && blocks().give_back(data)) return;
    c10::free_cpu(data);
}

// Small blocks, and what the kernel refuses, take torch's own way, with its messages.
void* obtain(size_t bytes) {
    if (bytes >= kLeast) {
        if (auto block = blocks().take(bytes)) return block;
    }
    return c10::alloc_cpu(bytes);
}

struct KeepingAllocator final : c10::Allocator {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
    c10::DataPtr allocate(size_t bytes) override { return made(bytes); }
    void copy_data(void* target, const void* source, size_t count) const override { default_copy_data(target, source, count); }
#else
    c10::DataPtr allocate(size_t bytes) const override { return made(bytes); }
#endif
    c10::DeleterFnPtr raw_deleter() const override { return &release; }

private:
    static c10::DataPtr made(size_t bytes) {
        auto data = obtain(bytes);
        return {data, data, &release, c10::Device(c10::DeviceType::CPU)};
    }
};

// What other libraries allocate (the JIT compiler's megabytes among it, from whatever thread it runs on) stays in glibc's heaps, one for
// every few threads. Left alone, glibc raises its thresholds with the sizes it sees, and each of those heaps keeps its greatest extent.
// MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_ in the environment win; ALEXNETML_KEEP_MEMORY=0 leaves torch's own allocator.
__attribute__((constructor)) void keep_freed_memory() {
    if (!std::getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, 1 << 20);
    if (!std::getenv("MALLOC_TRIM_THRESHOLD_")) mallopt(M_TRIM_THRESHOLD, 1 << 20);
    auto keep = std::getenv("ALEXNETML_KEEP_MEMORY");
    if (!keep || std::string_view(keep) != "0") c10::SetCPUAllocator(new KeepingAllocator, /*priority=*/1);
}

}  // namespace
