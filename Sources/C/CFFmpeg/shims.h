#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mathematics.h>
#include <libavutil/md5.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/time.h>
#include <libswscale/swscale.h>

/* Macros that the Swift importer skips, as constants. */
static const int32_t sl_error_again = AVERROR(EAGAIN);
static const int32_t sl_error_end_of_file = AVERROR_EOF;
static const int32_t sl_error_exit = AVERROR_EXIT;
static const int32_t sl_error_invalid_data = AVERROR_INVALIDDATA;
static const int32_t sl_error_no_memory = AVERROR(ENOMEM);
static const int32_t sl_error_not_found = AVERROR(ENOENT);
static const int32_t sl_error_timed_out = AVERROR(ETIMEDOUT);
static const int32_t sl_error_stream_not_found = AVERROR_STREAM_NOT_FOUND;
static const int32_t sl_error_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int32_t sl_error_http_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
static const int32_t sl_error_http_forbidden = AVERROR_HTTP_FORBIDDEN;
static const int32_t sl_error_http_not_found = AVERROR_HTTP_NOT_FOUND;
static const int64_t sl_no_pts = AV_NOPTS_VALUE;
static const int32_t sl_input_buffer_padding = AV_INPUT_BUFFER_PADDING_SIZE;

/* What a packet says about the wall clock of its producer, or NULL. */
static inline const AVProducerReferenceTime *sl_producer_reference(const AVPacket *packet) {
    size_t size = 0;
    const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_PRFT, &size);
    return data && size >= sizeof(AVProducerReferenceTime) ? (const AVProducerReferenceTime *)data : NULL;
}

/* The display matrix of a stream, nine values, or NULL. FFmpeg 6.1 moved it to the codec parameters. */
static inline const int32_t *sl_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}
