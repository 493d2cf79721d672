/** A proxy for the object that `current` gives at each use: fixtures return it before tests have begun. */
export const lateBound = <T extends object>(current: () => T | undefined): T =>
  new Proxy({} as T, {
    get: (_, key) => Reflect.get(given(current), key),
    set: (_, key, value) => Reflect.set(given(current), key, value),
  });

function given<T>(current: () => T | undefined): T {
  const value = current();
  if (value === undefined) throw new Error('A fixture is used outside of a test.');
  return value;
}
