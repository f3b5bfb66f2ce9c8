#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Bad input and bad ends: the message names what is wrong, and the exit code is as --help says.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3

model=models/unixdoc/unixdoc.gguf
scratch=$(mktemp -d)
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
bad=$scratch/bad.gguf err=$scratch/err out=$scratch/out
count=0 failed=0

# report NAME GOOD(0 or 1): one test
report() {
	count=$((count + 1))
	if [ "$2" = 1 ]; then
		echo "ok $count - $1"
	else
		failed=1
		echo "not ok $count - $1"
		sed 's/^/# /' "$err"
	fi
}

# refused NAME CODE TEXT ARGUMENT...: ternlm ends with the code, TEXT in one line of stderr
refused() {
	local name=$1 code=$2 text=$3 status=0 good=1
	shift 3
	timeout 60 build/ternlm "$@" > "$out" 2> "$err" < /dev/null || status=$?
	[ "$status" = "$code" ] && grep -qF -- "$text" "$err" || good=0
	[ -s "$out" ] && good=0
	[ $good = 1 ] || echo "# exit status $status, wanted $code with: $text"
	report "$name" $good
}

# patched OFFSET BYTES: a copy of the model with bytes (printf's escapes) at an offset
patched() {
	cp "$model" "$bad"
	chmod u+w "$bad"
	printf '%b' "$2" | dd of="$bad" bs=1 seek="$1" conv=notrunc status=none
}

# offset_of TEXT: where it ends in the model, the first time
offset_of() {
	local at
	at=$(LC_ALL=C grep -obUaF -m1 -- "$1" "$model" | head -n1 | cut -d: -f1)
	echo $((at + ${#1}))
}

refused "no model given" 2 "-m FILE is missing"
refused "unknown option" 2 "unrecognized option" -m $model --frobnicate
refused "stray argument" 2 "'words'" -m $model words
refused "count that is none" 2 "-n: 'many'" -m $model -n many
refused "negative temperature" 2 "--temp: '-1'" -m $model --temp -1
refused "top-p above 1" 2 "--top-p: '1.5'" -m $model --top-p 1.5
refused "no threads" 2 "--threads: '0'" -m $model --threads 0
refused "seed that is negative behind a space" 2 "--seed: ' -1'" -m $model --seed " -1"
refused "limit without a text" 2 "--limit goes with --perplexity" -m $model --limit 5
refused "a prompt with a text to score" 2 "leave -p out" -m $model --perplexity README.md -p words
refused "unknown packing" 2 "--packing: 'q4'" -m $model --device sim --packing q4
refused "a packing for the CPU" 2 "--packing goes with a --device" -m $model --packing b5
refused "unknown instruction set" 2 "'mmx'" -m $model --isa mmx
refused "missing model" 1 "/nonexistent.gguf: cannot open the model: No such file" -m /nonexistent.gguf
refused "a folder as model" 1 "not a regular file" -m /
mkfifo "$scratch/fifo"
refused "a FIFO without a writer as model" 1 "not a regular file" -m "$scratch/fifo"
: > "$bad"
refused "empty model" 1 "an empty one" -m "$bad"
echo "not a model at all" > "$bad"
refused "another file as model" 1 'not with "GGUF"' -m "$bad"
head -c 5000000 $model > "$bad"
refused "truncated data" 1 "the file ends at 5000000: it is truncated or damaged" -m "$bad"
head -c 50000 $model > "$bad"
refused "truncated vocabulary" 1 "the file ends at 50000" -m "$bad"
head -c 20 $model > "$bad"
refused "truncated header" 1 "the file ends at 20" -m "$bad"
patched 4 '\x04'
refused "another version" 1 "GGUF version 4" -m "$bad"
patched 15 '\x80'
refused "bit flip in the count of tensors" 1 "9223372036854775" -m "$bad"
patched "$(($(offset_of tokenizer.ggml.tokens) + 15))" '\x40'
refused "bit flip in the count of tokens" 1 "4611686018427392000 strings" -m "$bad"
LC_ALL=C sed 's/bitnet/botnet/g' $model > "$bad"
refused "unknown architecture" 1 "the architecture is 'botnet'" -m "$bad"
patched "$(($(offset_of blk.0.attn_q.weight) + 20))" '\x0c'
refused "unknown tensor type" 1 "'blk.0.attn_q.weight' is of type Q4_K (12)" -m "$bad"
patched "$(($(stat -c %s $model) - 66))" '\xff'
refused "bit flip in the weights" 1 "code 3" -m "$bad"
refused "prompt longer than the context" 2 "the model's context is 512: shorten the prompt" \
	-m $model -p "$(yes "the kernel" | head -n 600)"
refused "missing text to score" 1 "/nonexistent.txt: cannot open the text" \
	-m $model --perplexity /nonexistent.txt
echo -n > "$scratch/empty.txt"
refused "empty text to score" 2 "scoring needs two at least" -m $model --perplexity "$scratch/empty.txt"
refused "a folder to score" 1 "Is a directory" -m $model --perplexity /
refused "a text without an end" 1 "/dev/zero: the text has more than" -m $model --perplexity /dev/zero
if ! build/tern info -d sim --json | grep -q '"B5"'; then
	refused "a packing that the device lacks" 3 "packed as b5: choose another" \
		-m $model --device sim --packing b5
fi
refused "no device" 3 "/dev/tern-absent" -m $model --device /dev/tern-absent
refused "nonsense device" 2 "\"toaster\"" -m $model --device toaster
refused "no simulator's socket" 3 "$scratch/socket" -m $model --device "vfio-user:$scratch/socket"

# A device that we may not open: one of our own, or one that the system keeps from everybody. Root
# may open everything, so somebody else asks.
device=$scratch/device
mknod -m 000 "$device" c 1 3 2> /dev/null ||
	device=$(find /dev -maxdepth 1 -type c ! -perm /o=rw | head -n 1)
nobody=()
[ "$(id -u)" = 0 ] && nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
status=0
"${nobody[@]}" build/ternlm -m $model --device "/dev/../$device" > "$out" 2> "$err" || status=$?
report "no permission" "$([ $status = 3 ] && grep -qi permission "$err" && echo 1 || echo 0)"

# Output that cannot be written.
status=0
build/ternlm -m $model -p x -n 2 > /dev/full 2> "$err" || status=$?
report "full disk" "$([ $status = 1 ] && grep -q 'cannot write' "$err" && echo 1 || echo 0)"

# An environment variable that is empty is none.
TERNLM_ISA="" build/ternlm -m $model -p x -n 1 > "$out" 2> "$err"
report "empty TERNLM_ISA" "$([ -s "$out" ] && echo 1 || echo 0)"

# speaking DEVICE: start to generate there, and come back in mid-sentence; sets job
speaking() {
	local i
	: > "$out"
	env --default-signal=INT build/ternlm -m $model -p "The driver" -n 1000000 --threads 1 \
		--device "$1" > "$out" 2> "$err" &
	job=$!
	for ((i = 0; i < 300; i++)); do
		[ "$(stat -c %s "$out")" -gt 40 ] && break
		sleep 0.1
	done
}

# ended PID: it runs no longer; one that nobody has waited for yet has no memory any more
ended() {
	local i
	for ((i = 0; i < 50; i++)); do
		grep -qa . "/proc/$1/cmdline" 2> /dev/null || return 0
		sleep 0.1
	done
	return 1
}

# Ctrl-C in mid-sentence: the table, exit status 130, and no simulator left.
speaking sim
read -r simulator _ < "/proc/$job/task/$job/children"
kill -INT $job
status=0
wait $job || status=$?
report "Ctrl-C" "$([ $status = 130 ] && grep -q 'device cycles a token' "$err" && echo 1 || echo 0)"
report "no simulator left" "$([ -n "$simulator" ] && ended "$simulator" && echo 1 || echo 0)"

# The card goes in mid-sentence.
speaking sim
read -r simulator _ < "/proc/$job/task/$job/children"
kill -KILL "$simulator"
status=0
wait $job || status=$?
report "simulator killed" "$([ $status = 3 ] && grep -q 'the simulator is gone' "$err" && echo 1 || echo 0)"

# The end of the context ends the text, too.
build/ternlm -m $model -p "The driver" -n 1000 --ignore-eos --json > "$out" 2> "$err"
report "end of the context" "$(grep -q '"stop": "context"' "$out" && echo 1 || echo 0)"

# The same seed gives the same text, another one another.
say() { build/ternlm -m $model -p "The scheduler" -n 24 --temp 0.9 --seed "$1" 2> "$err"; }
report "same seed, same text" "$([ "$(say 7)" = "$(say 7)" ] && [ "$(say 7)" != "$(say 8)" ] && echo 1 || echo 0)"

build/ternlm --help > "$out" 2> "$err"
report "--help names the exit codes" "$(grep -q 'Exit status: 0' "$out" && echo 1 || echo 0)"

echo "1..$count"
exit $failed
