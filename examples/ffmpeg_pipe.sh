#!/usr/bin/env bash
# Blurs the background of a video. The sound stays as it is.
#
#     bash examples/ffmpeg_pipe.sh in.mp4 out.mp4 --aperture 1.4
#
# Options after the two files are those of `defocus frames`.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "usage: ffmpeg_pipe.sh IN OUT [OPTIONS of defocus frames]" >&2
    exit 2
fi
in=$1 out=$2
shift 2

# Raw frames state neither their size nor their rate. The first line of yuv4mpegpipe has both, after
# ffmpeg has turned a video of a phone upright: YUV4MPEG2 W1280 H720 F25:1 ...
header=$(ffmpeg -nostdin -v error -i "$in" -map 0:v:0 -frames:v 1 -pix_fmt yuv420p -f yuv4mpegpipe - |
    LC_ALL=C sed -n 1p)
width=$(sed 's/.* W\([0-9]*\) .*/\1/' <<<"$header")
height=$(sed 's/.* H\([0-9]*\) .*/\1/' <<<"$header")
rate=$(sed 's/.* F\([0-9]*\):\([0-9]*\) .*/\1\/\2/' <<<"$header")

# A run that fails leaves no output.
part="${out%.*}.part.${out##*.}"
trap 'rm -f "$part"' EXIT

# RGB becomes the YCbCr of HD video, and the file says so. Else players guess, and colours shift.
colours=(-vf scale=out_color_matrix=bt709:out_range=tv -color_range tv
    -colorspace bt709 -color_primaries bt709 -color_trc bt709)

# `-r` before `-f rawvideo` makes the rate constant, so that picture and sound stay together.
ffmpeg -nostdin -v error -i "$in" -map 0:v:0 -r "$rate" -pix_fmt rgb24 -f rawvideo - |
    defocus frames --size "${width}x${height}" "$@" |
    ffmpeg -v error -f rawvideo -pix_fmt rgb24 -s "${width}x${height}" -r "$rate" -i - \
        -i "$in" -map 0:v -map 1:a? -c:a copy "${colours[@]}" -pix_fmt yuv420p -y "$part"
mv "$part" "$out"
