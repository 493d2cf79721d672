/**
 * Node's arguments for running one of our `.ts` files in a process of its own: none where Node strips types by
 * itself (22.18 and later), tsx before that.
 */
export function runTypeScript(): string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const native = major > 22 || (major === 22 && minor >= 18);
  return native ? [] : ['--import', import.meta.resolve('tsx')];
}
