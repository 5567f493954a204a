"""What student code may ask of the kernel, by name and number (asm/unistd.h). Read by seccomp.py.

ALLOWED goes through, some with conditions on the arguments (seccomp.py). REFUSED fails with EPERM, the honest answer
to code that tries. Whatever is in neither, what future kernels bring included, fails with ENOSYS, as on a kernel
without it: libraries know how to do without.
"""

from __future__ import annotations


def _parse(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in (entry.split("=") for entry in text.split())}


ALLOWED = {
    "x86_64": _parse(
        """
read=0 write=1 open=2 openat=257 creat=85 close=3 stat=4 fstat=5 lstat=6 newfstatat=262 statx=332 lseek=8 mmap=9
mprotect=10 munmap=11 brk=12 mremap=25 msync=26 mincore=27 madvise=28 poll=7 ppoll=271 select=23 pselect6=270
pread64=17 pwrite64=18 readv=19 writev=20 preadv=295 pwritev=296 preadv2=327 pwritev2=328 access=21 faccessat=269
faccessat2=439 pipe=22 pipe2=293 dup=32 dup2=33 dup3=292 sendfile=40 splice=275 tee=276 copy_file_range=326 fcntl=72
flock=73 fsync=74 fdatasync=75 sync_file_range=277 truncate=76 ftruncate=77 fallocate=285 fadvise64=221
readahead=187 getdents=78 getdents64=217 getcwd=79 chdir=80 fchdir=81 rename=82 renameat=264 renameat2=316 mkdir=83
mkdirat=258 rmdir=84 link=86 linkat=265 unlink=87 unlinkat=263 symlink=88 symlinkat=266 readlink=89 readlinkat=267
chmod=90 fchmod=91 fchmodat=268 chown=92 fchown=93 lchown=94 fchownat=260 umask=95 utime=132 utimes=235
futimesat=261 utimensat=280 statfs=137 fstatfs=138 mknod=133 mknodat=259 getxattr=191 lgetxattr=192 fgetxattr=193
listxattr=194 llistxattr=195 flistxattr=196 setxattr=188 lsetxattr=189 fsetxattr=190 removexattr=197
lremovexattr=198 fremovexattr=199 inotify_init=253 inotify_init1=294 inotify_add_watch=254 inotify_rm_watch=255
eventfd=284 eventfd2=290 signalfd=282 signalfd4=289 timerfd_create=283 timerfd_settime=286 timerfd_gettime=287
epoll_create=213 epoll_create1=291 epoll_ctl=233 epoll_wait=232 epoll_pwait=281 epoll_pwait2=441 rt_sigaction=13
rt_sigprocmask=14 rt_sigreturn=15 rt_sigpending=127 rt_sigtimedwait=128 rt_sigqueueinfo=129 rt_tgsigqueueinfo=297
rt_sigsuspend=130 sigaltstack=131 kill=62 tkill=200 tgkill=234 pause=34 pidfd_open=434 pidfd_send_signal=424
clone=56 fork=57 vfork=58 execve=59 execveat=322 exit=60 exit_group=231 wait4=61 waitid=247 getpid=39 getppid=110
gettid=186 getpgid=121 getpgrp=111 setpgid=109 getsid=124 setsid=112 set_tid_address=218 set_robust_list=273
get_robust_list=274 rseq=334 futex=202 futex_waitv=449 sched_yield=24 sched_getaffinity=204 sched_setaffinity=203
sched_getparam=143 sched_setparam=142 sched_getscheduler=145 sched_setscheduler=144 sched_getattr=315
sched_setattr=314 sched_get_priority_max=146 sched_get_priority_min=147 sched_rr_get_interval=148 getpriority=140
setpriority=141 ioprio_get=252 getrlimit=97 setrlimit=160 prlimit64=302 getrusage=98 times=100 sysinfo=99 uname=63
getcpu=309 clock_gettime=228 clock_getres=229 clock_nanosleep=230 nanosleep=35 gettimeofday=96 time=201 getitimer=36
setitimer=38 alarm=37 timer_create=222 timer_settime=223 timer_gettime=224 timer_getoverrun=225 timer_delete=226
getuid=102 geteuid=107 getgid=104 getegid=108 getgroups=115 getresuid=118 getresgid=120 setuid=105 setgid=106
setreuid=113 setregid=114 setresuid=117 setresgid=119 setfsuid=122 setfsgid=123 capget=125 socket=41 socketpair=53
connect=42 accept=43 accept4=288 bind=49 listen=50 getsockname=51 getpeername=52 setsockopt=54 getsockopt=55
sendto=44 recvfrom=45 sendmsg=46 recvmsg=47 sendmmsg=307 recvmmsg=299 shutdown=48 mlock=149 mlock2=325 munlock=150
mlockall=151 munlockall=152 membarrier=324 memfd_create=319 arch_prctl=158 getrandom=318 prctl=157 ioctl=16
restart_syscall=219 close_range=436
"""
    ),
    "aarch64": _parse(
        """
read=63 write=64 openat=56 close=57 fstat=80 newfstatat=79 statx=291 lseek=62 mmap=222 mprotect=226 munmap=215
brk=214 mremap=216 msync=227 mincore=232 madvise=233 ppoll=73 pselect6=72 pread64=67 pwrite64=68 readv=65 writev=66
preadv=69 pwritev=70 preadv2=286 pwritev2=287 faccessat=48 faccessat2=439 pipe2=59 dup=23 dup3=24 sendfile=71
splice=76 tee=77 copy_file_range=285 fcntl=25 flock=32 fsync=82 fdatasync=83 sync_file_range=84 truncate=45
ftruncate=46 fallocate=47 fadvise64=223 readahead=213 getdents64=61 getcwd=17 chdir=49 fchdir=50 renameat=38
renameat2=276 mkdirat=34 linkat=37 unlinkat=35 symlinkat=36 readlinkat=78 fchmod=52 fchmodat=53 fchown=55
fchownat=54 umask=166 utimensat=88 statfs=43 fstatfs=44 mknodat=33 getxattr=8 lgetxattr=9 fgetxattr=10 listxattr=11
llistxattr=12 flistxattr=13 setxattr=5 lsetxattr=6 fsetxattr=7 removexattr=14 lremovexattr=15 fremovexattr=16
inotify_init1=26 inotify_add_watch=27 inotify_rm_watch=28 eventfd2=19 signalfd4=74 timerfd_create=85
timerfd_settime=86 timerfd_gettime=87 epoll_create1=20 epoll_ctl=21 epoll_pwait=22 epoll_pwait2=441 rt_sigaction=134
rt_sigprocmask=135 rt_sigreturn=139 rt_sigpending=136 rt_sigtimedwait=137 rt_sigqueueinfo=138 rt_tgsigqueueinfo=240
rt_sigsuspend=133 sigaltstack=132 kill=129 tkill=130 tgkill=131 pidfd_open=434 pidfd_send_signal=424 clone=220
execve=221 execveat=281 exit=93 exit_group=94 wait4=260 waitid=95 getpid=172 getppid=173 gettid=178 getpgid=155
setpgid=154 getsid=156 setsid=157 set_tid_address=96 set_robust_list=99 get_robust_list=100 rseq=293 futex=98
futex_waitv=449 sched_yield=124 sched_getaffinity=123 sched_setaffinity=122 sched_getparam=121 sched_setparam=118
sched_getscheduler=120 sched_setscheduler=119 sched_getattr=275 sched_setattr=274 sched_get_priority_max=125
sched_get_priority_min=126 sched_rr_get_interval=127 getpriority=141 setpriority=140 ioprio_get=31 getrlimit=163
setrlimit=164 prlimit64=261 getrusage=165 times=153 sysinfo=179 uname=160 getcpu=168 clock_gettime=113
clock_getres=114 clock_nanosleep=115 nanosleep=101 gettimeofday=169 getitimer=102 setitimer=103 timer_create=107
timer_settime=110 timer_gettime=108 timer_getoverrun=109 timer_delete=111 getuid=174 geteuid=175 getgid=176
getegid=177 getgroups=158 getresuid=148 getresgid=150 setuid=146 setgid=144 setreuid=145 setregid=143 setresuid=147
setresgid=149 setfsuid=151 setfsgid=152 capget=90 socket=198 socketpair=199 connect=203 accept=202 accept4=242
bind=200 listen=201 getsockname=204 getpeername=205 setsockopt=208 getsockopt=209 sendto=206 recvfrom=207
sendmsg=211 recvmsg=212 sendmmsg=269 recvmmsg=243 shutdown=210 mlock=228 mlock2=284 munlock=229 mlockall=230
munlockall=231 membarrier=283 memfd_create=279 getrandom=278 prctl=167 ioctl=29 restart_syscall=128 close_range=436
"""
    ),
}

REFUSED = {
    "x86_64": _parse(
        """
mount=165 umount2=166 pivot_root=155 chroot=161 setns=308 unshare=272 fsopen=430 fsconfig=431 fsmount=432 fspick=433
open_tree=428 move_mount=429 mount_setattr=442 ptrace=101 process_vm_readv=310 process_vm_writev=311 kcmp=312
pidfd_getfd=438 bpf=321 perf_event_open=298 userfaultfd=323 io_uring_setup=425 io_uring_enter=426
io_uring_register=427 keyctl=250 add_key=248 request_key=249 open_by_handle_at=304 name_to_handle_at=303
kexec_load=246 kexec_file_load=320 init_module=175 finit_module=313 delete_module=176 capset=126 setgroups=116
sethostname=170 setdomainname=171 settimeofday=164 clock_settime=227 adjtimex=159 clock_adjtime=305 reboot=169
swapon=167 swapoff=168 acct=163 quotactl=179 quotactl_fd=443 syslog=103 iopl=172 ioperm=173 modify_ldt=154
personality=135 seccomp=317 vmsplice=278 vhangup=153 fanotify_init=300 fanotify_mark=301 move_pages=279
migrate_pages=256 mbind=237 set_mempolicy=238 lookup_dcookie=212 nfsservctl=180 ioprio_set=251 sync=162 syncfs=306
"""
    ),
    "aarch64": _parse(
        """
mount=40 umount2=39 pivot_root=41 chroot=51 setns=268 unshare=97 fsopen=430 fsconfig=431 fsmount=432 fspick=433
open_tree=428 move_mount=429 mount_setattr=442 ptrace=117 process_vm_readv=270 process_vm_writev=271 kcmp=272
pidfd_getfd=438 bpf=280 perf_event_open=241 userfaultfd=282 io_uring_setup=425 io_uring_enter=426
io_uring_register=427 keyctl=219 add_key=217 request_key=218 open_by_handle_at=265 name_to_handle_at=264
kexec_load=104 kexec_file_load=294 init_module=105 finit_module=273 delete_module=106 capset=91 setgroups=159
sethostname=161 setdomainname=162 settimeofday=170 clock_settime=112 adjtimex=171 clock_adjtime=266 reboot=142
swapon=224 swapoff=225 acct=89 quotactl=60 quotactl_fd=443 syslog=116 personality=92 seccomp=277 vmsplice=75
vhangup=58 fanotify_init=262 fanotify_mark=263 move_pages=239 migrate_pages=238 mbind=235 set_mempolicy=237
lookup_dcookie=18 nfsservctl=42 ioprio_set=30 sync=81 syncfs=267
"""
    ),
}
