/** Numbers of one system call: on x64, on arm64 (asm/unistd_64.h and asm-generic/unistd.h of Linux 6.1). */
type Numbers = readonly [x64: number, arm64: number];

/** Calls that code over rows never needs, and that have been ways out of sandboxes or past their limits. */
const denied: Record<string, Numbers> = {
  // Memory that belongs to no process, so that no limit counts it.
  shmget: [29, 194],
  shmat: [30, 196],
  semget: [64, 190],
  msgget: [68, 186],
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // Namespaces and mounts.
  pivot_root: [155, 41],
  mount: [165, 40],
  umount2: [166, 39],
  unshare: [272, 97],
  open_by_handle_at: [304, 265],
  setns: [308, 268],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsmount: [432, 432],
  mount_setattr: [442, 442],
  // Kernel interfaces that have had exploits.
  init_module: [175, 105],
  finit_module: [313, 273],
  kexec_load: [246, 104],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  perf_event_open: [298, 241],
  fanotify_init: [300, 262],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
};
const socketCall: Numbers = [41, 198];
/** Socket families that the network namespace isolates: unix, IPv4, IPv6. Others, such as vsock, lead past it. */
const families = [1, 2, 10];

const architectures = {
  x64: { column: 0, audit: 0xc000003e },
  arm64: { column: 1, audit: 0xc00000b7 },
} as const;

const load = (offset: number) => instruction(0x20, 0, 0, offset);
/** Goes on with the next instruction when equal, with the one after it when not. */
const ifEqual = (value: number) => instruction(0x15, 0, 1, value);
const ifAtLeast = (value: number) => instruction(0x35, 0, 1, value);
const allow = instruction(0x06, 0, 0, 0x7fff0000);
/** EPERM */
const deny = instruction(0x06, 0, 0, 0x00050001);

/**
 * A filter of system calls as the kernel takes it (seccomp(2), struct sock_filter), for the processor `architecture` as
 * Node names it. Denied calls fail with EPERM. Null when there is no filter for that processor. Pure.
 */
export function renderFilter(architecture: string): Buffer | null {
  if (architecture !== 'x64' && architecture !== 'arm64') return null;
  const { column, audit } = architectures[architecture];
  // Offsets in struct seccomp_data: the number at 0, the architecture at 4, the first argument at 16.
  return Buffer.concat([
    load(4),
    instruction(0x15, 1, 0, audit),
    deny,
    load(0),
    // Numbers of the x32 convention mean the same calls by another name.
    ...(architecture === 'x64' ? [ifAtLeast(0x40000000), deny] : []),
    ...Object.values(denied).flatMap((numbers) => [ifEqual(numbers[column]), deny]),
    instruction(0x15, 1, 0, socketCall[column]),
    allow,
    load(16),
    ...families.flatMap((family) => [ifEqual(family), allow]),
    deny,
  ]);
}

function instruction(code: number, ifTrue: number, ifFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
