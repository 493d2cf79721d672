# Read by bash on the login node before every other script. Set above: state (folder of all records), mark (printed
# before the answer, since login files may print too), path (a folder with Slurm's commands, or empty).
LC_ALL=C
export LC_ALL
umask 077
unset "${!SBATCH_@}" "${!SQUEUE_@}" "${!SACCT_@}" "${!SCANCEL_@}" SLURM_TIME_FORMAT
[ -z "$path" ] || PATH=$path:$PATH
# What a job inherits from here: nothing but where things are.
clean=(env -i "PATH=$PATH" "HOME=$HOME")
for name in LANG TMPDIR SLURM_CONF; do [ -z "${!name-}" ] || clean+=("$name=${!name}"); done

say() {
  local IFS=$'\t'
  printf '%s\n' "$*"
}
# Ends with one line that the bot understands: fail CODE TEXT
fail() {
  say "$mark"
  say fail "$1" "${2//$'\n'/ }"
  exit 0
}
# The first line of a plain file; nothing else is opened, since jobs can plant links and pipes.
line_of() {
  line=''
  [ -f "$1" ] && [ ! -L "$1" ] && IFS= read -r -n 2000 line < "$1"
}
is_there() { [ -e "$1" ] || [ -L "$1" ]; }
# Puts a text into a file in one step, unless the file is there: write_once FILE TEXT
write_once() {
  local draft
  draft="$1.$$.$RANDOM"
  printf '%s\n' "$2" > "$draft" && ln "$draft" "$1" 2> /dev/null
  local result=$?
  rm -f "$draft"
  return $result
}
