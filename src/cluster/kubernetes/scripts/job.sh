# Runs one job in a pod and writes down how it ended. Arguments: folder (the records of the key), dir (its run
# directory), limit and grace (milliseconds). POD_NAME and NODE_NAME are given by Kubernetes. Any POSIX sh on Linux, with
# setsid and the usual commands: images have no more in common.
set -u
umask 077
folder=$1 dir=$2 limit=$3 grace=$4
told=''
trap 'told=1' TERM
give_up() {
  echo "trex gave up: $1" >&2
  exit 75
}
now() {
  time=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
  case $time in
    *[!0-9TZ:.-]*) date -u +%Y-%m-%dT%H:%M:%SZ ;;
    *) echo "$time" ;;
  esac
}
# Sets `ms`: milliseconds since the machine started, which nobody sets back.
read_clock() {
  read -r up _ < /proc/uptime
  ms=$((${up%.*} * 1000 + (1${up#*.} - 100) * 10))
}
lives() { kill -0 "$1" 2> /dev/null; }

cd -P -- "$dir" || give_up "the run directory $dir is not in this pod: is the volume claim the one the bot uses?"
command -v setsid > /dev/null || give_up 'setsid is missing in the image'
# In the pod's own memory or disk: a full volume must not hide an end.
scratch=$(mktemp -d "${TMPDIR:-/dev/shm}/trex.XXXXXX" 2> /dev/null || mktemp -d) \
  || give_up 'no temporary folder can be made'
echo "trex: output goes to $dir/out.log and err.log"

# The end is written into room that is kept from the start.
end="end.$POD_NAME"
printf '%1023s\n' '' > "$end" || echo 'trex: no room to keep for the end' >&2
printf '%63s\n' '' > "$scratch/room"
started=$(now)
read_clock
started_ms=$ms
# finish WHY CODE SIGNAL DETAIL FILE: in one step, and only if nobody has written an end.
finish() {
  [ -z "$4" ] && detail='' || detail=",\"detail\":\"$4\""
  read_clock
  ran=$((ms - started_ms))
  seconds=$((ran / 1000)).$((ran % 1000 / 100))$((ran % 100 / 10))
  line="{\"why\":\"$1\",\"code\":$2,\"signal\":$3,\"startedAt\":\"$started\",\"endedAt\":\"$(now)\",\"runSeconds\":$seconds$detail}"
  attempt=0
  while [ "$attempt" -lt 30 ]; do
    if printf '%-1023s\n' "$line" 1<> "$end" && { ln "$end" "$5" || [ -e "$5" ]; }; then
      sync "$end" 2> /dev/null
      break
    fi
    attempt=$((attempt + 1))
    sleep 1
  done
  rm -f "$end"
}

# The claim: its writer alone may run the job, however often Kubernetes makes a pod for it.
claim="claim.$POD_NAME"
printf '{"pod":"%s","node":"%s","startedAt":"%s"}\n' "$POD_NAME" "$NODE_NAME" "$started" > "$claim" \
  || give_up 'No space left on device'
ln "$claim" claim.json 2> /dev/null
rm -f "$claim"
[ -r claim.json ] || give_up 'the volume has no hard links'
read -r first < claim.json
case $first in
  # Not by the answer of ln, which a network file system may get wrong.
  *"\"pod\":\"$POD_NAME\""*) ;;
  *)
    rm -rf "$end" "$scratch"
    exit 0
    ;;
esac
[ -r "$folder/command" ] || give_up 'the command cannot be read'

run_program() (
  exec < /dev/null >> out.log 2>> err.log || exit 126
  umask 022
  # What is about the pod and not of the image.
  for name in $(env | sed -n 's/^\(KUBERNETES_[A-Za-z0-9_]*\)=.*/\1/p'); do unset "$name"; done
  unset HOSTNAME POD_NAME NODE_NAME
  [ -w "${HOME:-/}" ] || export HOME=/tmp
  # Sets variables and arguments. Once, and gone: variables may be secrets.
  . "$folder/command"
  rm -f "$folder/command"
  exec setsid sh -c 'echo "$$" > "$0" && exec "$@"' "$scratch/child" "$@"
)
# The control group counts the processes that the kernel ended for want of memory.
memory_kills() {
  sed -n 's/^oom_kill //p' /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2> /dev/null | head -n 1
}
kills_before=$(memory_kills)

# A shell without traps waits for the program, and leaves its code with a 1 for a death by signal. Shells tell that from an
# exit code above 128 only by a line they print, and of TERM, INT and PIPE not even by that.
waiter() {
  run_program
  code=$?
  signal=0
  [ ! -s "$scratch/said" ] || signal=1
  case $code in 130 | 141 | 143) signal=1 ;; esac
  printf '%s %s\n' "$code" "$signal" 1<> "$scratch/room"
  mv "$scratch/room" "$scratch/ended"
}
waiter 2> "$scratch/said" &
waiter=$!
read_clock
limit_at=$((ms + limit))
kill_at=0
child=''
why=''
beats=0

send() { kill -s "$1" -- "-$child" 2> /dev/null; }
# One pass a fifth of a second.
while [ ! -e "$scratch/ended" ] && lives "$waiter"; do
  sleep 0.2 || sleep 1
  if [ -z "$child" ]; then
    [ ! -s "$scratch/child" ] || read -r child < "$scratch/child"
    continue
  fi
  read_clock
  if [ -z "$why" ]; then
    patience=$grace
    if [ -e cancel.json ]; then
      why=cancelled
      read -r cancel < cancel.json
      cancel=${cancel#*\"graceMs\":}
      cancel=${cancel%%[!0-9]*}
      case $cancel in
        '' | 0?* | ????????*) ;;
        *) patience=$cancel ;;
      esac
    elif [ -e exit.json ]; then
      # The bot gave this job up while nobody could reach this node.
      why=superseded
      patience=0
    elif [ -n "$told" ]; then
      why=stopped
    elif [ "$ms" -ge "$limit_at" ]; then
      why=timeout
    fi
    [ -z "$why" ] || send TERM
    kill_at=$((ms + patience))
  elif [ "$ms" -ge "$kill_at" ]; then
    send KILL
  fi
  beats=$((beats + 1))
  [ $((beats % 50)) -ne 0 ] || touch -c claim.json
done
if [ -e "$scratch/ended" ]; then
  read -r code is_signal < "$scratch/ended"
else
  # The shell that waited was killed, and Kubernetes may know why.
  code=137 is_signal=1 why=${why:-stopped}
fi
[ -n "$child" ] || [ ! -s "$scratch/child" ] || read -r child < "$scratch/child"

# What the job left in the background is killed at once; what left its session ends with this pod. Processes that have
# ended may stay in their group until somebody asks how, so a signal that arrives proves nothing.
group_lives() {
  for file in /proc/[0-9]*/stat; do
    read -r text 2> /dev/null < "$file" || continue
    set -- ${text##*) } '' '' ''
    [ "$3" != "$child" ] || [ "$1" = Z ] || [ "$1" = X ] || return 0
  done
  return 1
}
attempt=0
while [ "$attempt" -lt 100 ] && send KILL && group_lives; do
  attempt=$((attempt + 1))
  sleep 0.05
done

[ -z "$told" ] || [ ! -e cancel.json ] || why=cancelled
[ -n "$why" ] || [ -z "$told" ] || why=stopped
signal=null result=$code
if [ "$is_signal" = 1 ] && [ "$code" -gt 128 ] && name=$(kill -l $((code - 128)) 2> /dev/null); then
  signal="\"SIG$name\"" result=null
fi
detail=''
if [ "$code" -ne 0 ] && df -Pk . | { read -r _ && read -r _ _ _ free _ && [ "$free" -lt 1024 ] 2> /dev/null; }; then
  detail='It failed, and the disk of its run directory is full.'
fi
case $why in
  superseded) rm -f "$end" ;;
  stopped) finish stopped "$result" "$signal" '' stopped.json ;;
  cancelled | timeout) finish "$why" "$result" "$signal" '' exit.json ;;
  *)
    if [ "$signal" = '"SIGKILL"' ]; then
      # By the kernel, or by somebody whom Kubernetes may know.
      if [ "$(memory_kills)" != "$kills_before" ]; then
        finish out_of_memory null "$signal" '' exit.json
      else
        finish stopped null "$signal" '' stopped.json
      fi
    elif [ "$signal" != null ]; then
      finish signal null "$signal" "$detail" exit.json
    else
      finish exit "$code" null "$detail" exit.json
    fi
    ;;
esac
rm -rf "$scratch"
exit "$code"
