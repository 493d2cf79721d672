# One look at many jobs. Set above: keys, and followed: key, file and offset in turn. Prints lines of tab-separated fields; what jobs wrote comes last in its line.
say "$mark"
say time "$(date +%s.%3N)"
declare -A asked active
for key in "${keys[@]}"; do asked[$key]=1; done
# Before the files: a job that ends in between is then seen as ended, not as vanished.
if rows=$(SLURM_TIME_FORMAT=%s squeue -h --me -t all -o '%j|%A|%T|%S|%e|%N|%r' 2>&1); then
  while IFS='|' read -r name rest; do
    [ -n "$name" ] && [ -n "${asked[$name]-}" ] || continue
    say row "$name" "$rest"
    active[$name]=1
    case $rest in *'|COMPLETED|'* | *'|FAILED|'* | *'|CANCELLED|'* | *'|TIMEOUT|'* | *'|NODE_FAIL|'* | *'|OUT_OF_MEMORY|'* | *'|PREEMPTED|'* | *'|BOOT_FAIL|'* | *'|DEADLINE|'*) active[$name]=0 ;; esac
  done <<< "$rows"
else
  say down "${rows//$'\n'/ }"
fi
gone=()
for key in "${keys[@]}"; do
  folder=$state/keys/$key
  [ -L "$folder/dir" ] || continue
  line_of "$folder/record.json"
  say job "$key" "$line"
  [ -s "$folder/id" ] && say id "$key"
  [ -d "$folder/dir/" ] || say without_dir "$key"
  for name in claim exit stopped; do
    file=$folder/dir/$name.json
    is_there "$file" || continue
    line_of "$file"
    say "$name" "$key" "$line"
  done
  is_there "$folder/dir/cancel.json" && say cancel "$key"
  if [ "${active[$key]-0}" = 0 ] && ! is_there "$folder/dir/exit.json"; then
    seen=$(stat -c %Y "$folder/dir/claim.json" 2> /dev/null) && say seen "$key" "$seen"
    say log "$key" "$(tail -c 2000 "$folder/slurm.log" 2> /dev/null | tr '\n\t\r' '   ')"
    [ -n "${active[$key]-}" ] || gone+=("$key")
  fi
done
# Sites without accounting answer with an error, which says nothing.
if [ ${#gone[@]} -gt 0 ] && command -v sacct > /dev/null; then
  IFS=,
  SLURM_TIME_FORMAT=%s sacct -X -n -P --name="${gone[*]}" -S now-14days -o jobname,jobidraw,state,start,end,nodelist 2> /dev/null \
    | while IFS='|' read -r name rest; do say past "$name" "$rest"; done
fi
# What is new in files that are being followed, after the look at the ends: a file whose job has ended is complete.
most=65536
for ((i = 0; i < ${#followed[@]}; i += 3)); do
  folder=$state/keys/${followed[i]}/dir
  file=$folder/${followed[i + 1]}
  from=${followed[i + 2]}
  ended=0
  ! is_there "$folder/exit.json" || ended=1
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  size=$(stat -c %s "$file")
  [ "$from" -le "$size" ] || from=0
  say part "${followed[i]}" "${followed[i + 1]}" "$size" "$from" "$ended" \
    "$(tail -c "+$((from + 1))" "$file" | head -c "$((size - from < most ? size - from : most))" | base64 -w 0)"
done
say done
