# Brings the files of a run directory here. Set above: key. A tar archive follows on standard input.
dir=$state/runs/$key
if [ ! -d "$dir" ]; then
  part=$state/runs/.$mark
  problem=$({ mkdir -p "$part" && tar -x -f - -C "$part"; } 2>&1)
  if [ $? -ne 0 ]; then
    rm -rf "$part"
    fail disk_full "$problem"
  fi
  # Of two bots at once the second finds the folder there.
  mv -T "$part" "$dir" 2> /dev/null || rm -rf "$part"
fi
say "$mark"
say done
