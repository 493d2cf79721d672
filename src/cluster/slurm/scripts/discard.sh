# Removes files and folders of jobs that have ended. Set above: wanted, with a key and a bare name in turn. Prints
# `freed KEY BYTES DIRECTORY` for each, the directory as its request named it; nothing for a job that has not ended.
say "$mark"
for ((i = 0; i < ${#wanted[@]}; i += 2)); do
  folder=$state/keys/${wanted[i]}
  if [ ! -L "$folder/dir" ]; then
    say freed "${wanted[i]}" 0
    continue
  fi
  line_of "$folder/record.json"
  record=$line
  # A run directory that is gone has nothing left to remove.
  if [ -d "$folder/dir/" ]; then
    is_there "$folder/dir/exit.json" || continue
    cd "$folder/dir/" || continue
    bytes=$(find "./${wanted[i + 1]}" ! -type d -printf '%s\n' 2> /dev/null | awk '{ sum += $1 } END { printf "%d", sum }')
    problem=$(rm -rf -- "./${wanted[i + 1]}" 2>&1) || fail disk "$problem"
  else
    bytes=0
  fi
  say freed "${wanted[i]}" "$bytes" "$record"
done
say done
