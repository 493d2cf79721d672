# Runs one job and writes down how it ended. Set above: folder (the records of the key), limit and grace
# (seconds), container (words before the job's own), setup (lines of the site). Needs bash 4.4 and coreutils.
LC_ALL=C
umask 077
told=''
trap 'told=1' TERM
now() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }
# Sets `ms`: milliseconds since the machine started, whatever somebody sets its clock to.
read_clock() {
  local up
  read -r up _ < /proc/uptime
  ms=$((${up%.*} * 1000 + 10#${up#*.} * 10))
}
give_up() {
  echo "trex: $1" >&2
  exit 75
}

cd -P "$folder/dir" || give_up 'the run directory cannot be entered'
setsid=$(command -v setsid) || give_up 'setsid is missing on this node'

# The end is written into room that is kept from the start, so that a full disk cannot hide it.
end="end.$SLURM_JOB_ID.${SLURM_RESTART_COUNT:-0}"
printf '%1023s\n' '' > "$end" || echo 'trex: no room to keep for the end' >&2
started=$(now)
read_clock
started_ms=$ms
# finish WHY CODE SIGNAL DETAIL FILE: in one step, and only if nobody has written an end.
finish() {
  local line detail='' seconds=''
  [ -z "$4" ] || detail=",\"detail\":\"$4\""
  if [ -n "$started_ms" ]; then
    read_clock
    printf -v seconds ',"runSeconds":%d.%03d' $(((ms - started_ms) / 1000)) $(((ms - started_ms) % 1000))
  fi
  printf -v line '{"why":"%s","code":%s,"signal":%s,"startedAt":"%s","endedAt":"%s"%s%s}' \
    "$1" "$2" "$3" "$started" "$(now)" "$seconds" "$detail"
  for attempt in {1..30}; do
    if printf '%-1023s\n' "$line" 1<> "$end" && { ln "$end" "$5" || [ -e "$5" ]; }; then
      # Afterwards: on a busy disk it takes seconds, and Slurm may not give them.
      sync "$end"
      break
    fi
    sleep 1
  done
  rm -f "$end"
}

# The claim: its writer alone may run the job, however often it was handed in.
claim="claim.$SLURM_JOB_ID.${SLURM_RESTART_COUNT:-0}"
printf '{"jobId":"%s","node":"%s","startedAt":"%s"}\n' "$SLURM_JOB_ID" "$SLURMD_NODENAME" "$started" > "$claim" \
  || give_up 'No space left on device'
if ! ln "$claim" claim.json 2> /dev/null; then
  rm -f "$claim"
  IFS= read -r first < claim.json || give_up 'the claim cannot be written'
  if [ "${SLURM_RESTART_COUNT:-0}" -gt 0 ] && [[ $first == *"\"jobId\":\"$SLURM_JOB_ID\""* ]]; then
    [[ $first =~ \"startedAt\":\"([^\"]*)\" ]] && started=${BASH_REMATCH[1]}
    # Of the first start only the date is known.
    started_ms=''
    finish lost null null 'Slurm took it from its node and put it in the queue again.' exit.json
  fi
  rm -f "$end"
  exit 0
fi
rm -f "$claim"
# Once, and gone: variables may be secrets.
mapfile -d '' -t words < "$folder/words" || give_up 'the command cannot be read'
rm -f "$folder/words"
variables=("${words[@]:1:words[0]}")
argv=("${words[@]:1+words[0]}")

run_program() {
  echo "$BASHPID"
  exec < /dev/null >> out.log 2>> err.log || exit 126
  trap - TERM
  umask 022
  for name in $(compgen -e); do
    case $name in
      PATH | HOME | LANG | TMPDIR) ;;
      CUDA_VISIBLE_DEVICES | NVIDIA_VISIBLE_DEVICES | ROCR_VISIBLE_DEVICES | GPU_DEVICE_ORDINAL | ZE_AFFINITY_MASK) ;;
      SLURM_*) [ ${#container[@]} -gt 0 ] || unset "$name" ;;
      *) unset "$name" ;;
    esac
  done
  unset LC_ALL
  setup
  for variable in "${variables[@]}"; do export "$variable"; done
  exec "$setsid" "${container[@]}" "${argv[@]}"
}
# Not every site has Slurm track processes so well that none outlives this script, should it be killed.
guard() {
  trap '' TERM
  exec "$setsid" bash -c 'while kill -0 "$1" 2> /dev/null; do sleep 0.5; done; kill -s KILL -- "-$2"' guard $$ "$child"
}
# Both versions of control groups count the processes that the kernel ended for want of memory, others of this node too
# where jobs have no group of their own.
memory_kills() {
  local line path sum=0
  while IFS=: read -r _ line path; do
    for file in "/sys/fs/cgroup$path/memory.events" "/sys/fs/cgroup/memory$path/memory.oom_control"; do
      [ -r "$file" ] && sum=$((sum + $(awk '$1 == "oom_kill" { print $2 }' "$file")))
    done
  done < /proc/self/cgroup
  echo "$sum"
}
kills_before=$(memory_kills 2> /dev/null)
# sleep_for SECONDS: in the background, whatever Slurm tells all processes of the job.
sleep_for() {
  trap '' TERM
  exec sleep "$1"
}

# A shell without traps of its own waits for the program, and says its process first and then how it ended.
# NOTE: `wait` beside a trap is no way to learn that. In bash 5.2, where a signal arrives as the program ends, it waits
# for ever: 17 of 150 short programs.
coproc waiter {
  trap '' TERM
  read -r
  (run_program)
  echo "$?"
}
# Kept open by us: bash closes its own ends as soon as the waiter has ended.
exec 3<&"${waiter[0]}"
echo >&"${waiter[1]}"
read -r -u 3 child || give_up 'the program cannot be started'
guard &
guard=$!
sleep_for "$limit" &
timer=$!
killer=''
why=''
beats=0

send() { kill -s "$1" -- "-$child" 2> /dev/null || kill -s "$1" "$child" 2> /dev/null; }
lives() { kill -0 "$1" 2> /dev/null; }
# One pass half a second, and at once when the program ends.
while :; do
  read -r -t 0.5 -u 3 code
  result=$?
  # Above 128 is time out, anything else the end of what was to be read.
  [ "$result" -gt 128 ] || break
  if [ -z "$why" ]; then
    patience=$grace
    if [ -e cancel.json ]; then
      why=cancelled
      IFS= read -r cancel < cancel.json
      [[ $cancel =~ \"graceSeconds\":([0-9.]+) ]] && patience=${BASH_REMATCH[1]}
    elif [ -e exit.json ]; then
      why=superseded
      patience=0
    elif [ -n "$told" ]; then
      why=stopped
    elif ! lives "$timer"; then
      why=timeout
    fi
    if [ -n "$why" ]; then
      send TERM
      sleep_for "$patience" &
      killer=$!
    fi
  elif ! lives "$killer"; then
    send KILL
  fi
  beats=$((beats + 1))
  [ $((beats % 20)) -ne 0 ] || touch -c claim.json
done
# Nothing to read: the shell that waited was killed, and Slurm may know by whom.
[ -n "$code" ] || why=${why:-stopped}
code=${code:-137}
kill -s KILL -- "-$guard" "$timer" $killer 2> /dev/null

# What the job left in the background is killed at once; what left its session Slurm ends with this script.
# Processes that have ended may stay in their group until somebody asks how, so a signal that arrives proves nothing.
group_lives() {
  local file text state parent group
  for file in /proc/[0-9]*/stat; do
    read -r text 2> /dev/null < "$file" || continue
    read -r state parent group _ <<< "${text##*) }"
    [ "$group" != "$child" ] || [ "$state" = Z ] || [ "$state" = X ] || return 0
  done
  return 1
}
for attempt in {1..100}; do
  kill -s KILL -- "-$child" 2> /dev/null && group_lives || break
  sleep 0.05
done

[ -z "$told" ] || [ ! -e cancel.json ] || why=cancelled
[ -n "$why" ] || [ -z "$told" ] || why=stopped

# bash tells a death by a signal from an exit code above 128 only in the line it prints; of TERM, INT and PIPE not even
# that.
signal=null
if [ "$code" -gt 128 ] && name=$(kill -l $((code - 128)) 2> /dev/null); then
  case $name in
    TERM | INT | PIPE) signal="\"SIG$name\"" ;;
    *) [[ $(tail -c 4096 "$folder/slurm.log") != *" $child "* ]] || signal="\"SIG$name\"" ;;
  esac
fi
result=$code
[ "$signal" = null ] || result=null

case $why in
  superseded) rm -f "$end" ;;
  stopped) finish stopped "$result" "$signal" '' stopped.json ;;
  cancelled | timeout) finish "$why" "$result" "$signal" '' exit.json ;;
  *)
    detail=''
    [ "$code" -eq 0 ] || [ "$(df -Pk . | awk 'NR == 2 { print ($4 < 1024) }')" != 1 ] \
      || detail='It failed, and the disk of its run directory is full.'
    if [ "$signal" = '"SIGKILL"' ]; then
      if [ "$(memory_kills 2> /dev/null)" -gt "$kills_before" ]; then
        finish out_of_memory null "$signal" '' exit.json
      else
        finish stopped null "$signal" "$detail" stopped.json
      fi
    elif [ "$signal" != null ]; then
      finish signal null "$signal" "$detail" exit.json
    else
      finish exit "$code" null "$detail" exit.json
    fi
    ;;
esac
exit "$code"
