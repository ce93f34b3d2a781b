// A library for LD_PRELOAD: programs see a processor whose widest vectors are those of AVX2.
//
// Libraries ask the instruction CPUID which instructions they may use.  The system can make CPUID
// raise SIGSEGV (arch_prctl(2), ARCH_SET_CPUID).  The handler runs the true instruction, and clears
// the bits of AVX-512, AVX-VNNI, AMX and what needs them.  Leaf 7: Intel SDM, volume 2A, CPUID.
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define SET_CPUID 0x1012  // ARCH_SET_CPUID of <asm/prctl.h>

enum { FEATURES = 7 };

// AVX512 F, DQ, IFMA, PF, ER, CD, BW, VL.
static const uint32_t WIDE_EBX =
    1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
// AVX512 VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ.
static const uint32_t WIDE_ECX = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
// AVX512 4VNNIW, 4FMAPS, VP2INTERSECT; AMX BF16; AVX512 FP16; AMX TILE, INT8.
static const uint32_t WIDE_EDX =
    1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;
// Subleaf 1: AVX-VNNI, AVX512 BF16, AMX FP16, AVX-IFMA; AVX-VNNI-INT8, AVX-NE-CONVERT,
// AVX-VNNI-INT16, AVX10.
static const uint32_t WIDE_EAX_1 = 1u << 4 | 1u << 5 | 1u << 21 | 1u << 23;
static const uint32_t WIDE_EDX_1 = 1u << 4 | 1u << 5 | 1u << 10 | 1u << 19;

static long allow_cpuid(int allowed) {
    return syscall(SYS_arch_prctl, SET_CPUID, allowed);
}

static void answer(int signal_number, siginfo_t* info, void* context) {
    (void)info;
    greg_t* registers = ((ucontext_t*)context)->uc_mcontext.gregs;
    const unsigned char* instruction = (const unsigned char*)registers[REG_RIP];
    if (instruction[0] != 0x0f || instruction[1] != 0xa2) {
        signal(signal_number, SIG_DFL);  // a true fault: it comes again, and ends the process
        return;
    }
    uint32_t leaf = (uint32_t)registers[REG_RAX], subleaf = (uint32_t)registers[REG_RCX];
    uint32_t eax, ebx, ecx, edx;
    allow_cpuid(1);
    __cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
    allow_cpuid(0);
    if (leaf == FEATURES && subleaf == 0) {
        ebx &= ~WIDE_EBX;
        ecx &= ~WIDE_ECX;
        edx &= ~WIDE_EDX;
    } else if (leaf == FEATURES && subleaf == 1) {
        eax &= ~WIDE_EAX_1;
        edx &= ~WIDE_EDX_1;
    }
    registers[REG_RAX] = eax;
    registers[REG_RBX] = ebx;
    registers[REG_RCX] = ecx;
    registers[REG_RDX] = edx;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void start(void) {
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSEGV, &action, NULL) || allow_cpuid(0)) {
        perror("this processor or system cannot hide its features");
        _exit(3);
    }
}
