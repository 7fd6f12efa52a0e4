#!/usr/bin/env bash
# Scores a folder, list or table on a Slurm cluster: an array of tasks that each take a share, then one job that joins the shares.
#
#   Samples/Slurm/submit.sh MODEL INPUT OUT [TASKS]        OUT: an empty folder on storage that all nodes see; TASKS: default 8
#
# In the environment:
#   ALEXNETML   how the tool is called on a node. Default: alexnetml (a dotnet tool); for example "dotnet /opt/alexnetml/alexnetml.dll"
#   DEVICE      cpu (default) or cuda:0, which asks Slurm for one GPU for each task
#   SBATCH_…    everything that sbatch itself reads, such as SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT
#
# Running it again with the same arguments goes on where tasks were given up: finished shares are left as they are.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
model=$1 input=$2 out=$3 tasks=${4:-8}
export ALEXNETML=${ALEXNETML:-alexnetml} DEVICE=${DEVICE:-cpu}
mkdir -p "$out"

gpu=()
case $DEVICE in cuda*) gpu=(--gpus-per-task=1) ;; esac
array=$(sbatch --parsable --array="0-$((tasks - 1))" --output="$out/task.%a.log" "${gpu[@]}" "$here/score.sbatch" "$model" "$input" "$out")
merge=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes --output="$out/merge.log" "$here/merge.sbatch" "$out" "$tasks")
echo "array job $array: $tasks tasks; job $merge joins them into $out/all.jsonl"
