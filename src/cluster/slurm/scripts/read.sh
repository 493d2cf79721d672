# A part of a file of a job. Set above: key, file, offset, most (bytes). Prints a line `SIZE FROM ENDED`, then bytes.
say "$mark"
folder=$state/keys/$key/dir
[ -L "$folder" ] || { say unknown; exit; }
cd "$folder/" 2> /dev/null && [ -f "./$file" ] && [ ! -L "./$file" ] || { say 0 0 0; exit; }
# Before the size: nothing is written after the end.
ended=0
! is_there exit.json || ended=1
size=$(stat -c %s "./$file")
from=$offset
[ "$from" -le "$size" ] || from=0
[ $((size - from)) -ge "$most" ] || most=$((size - from))
say "$size" "$from" "$ended"
[ "$most" -eq 0 ] || tail -c "+$((from + 1))" "./$file" | head -c "$most"
