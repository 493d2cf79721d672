import { preparePython } from './python.ts';

/** For scripts: exit code 1 and one line where the runner's Python cannot be had. */
const missing = preparePython();
if (missing !== null) {
  console.log(missing);
  process.exitCode = 1;
}
