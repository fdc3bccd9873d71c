import Crypto
import Foundation

/// Messages as devices of ONVIF Profile S take them: SOAP 1.2 (W3C), WS-Discovery of April 2005, ONVIF Core and Media specifications.
enum SOAP {
    static let contentType = "application/soap+xml; charset=utf-8"
    private static let envelope = "http://www.w3.org/2003/05/soap-envelope"
    static let media = "http://www.onvif.org/ver10/media/wsdl"

    /// Asks who is a camera.
    static func probe(id: UUID) -> [UInt8] {
        let addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
        let discovery = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
        return Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <s:Envelope xmlns:s="\(envelope)" xmlns:a="\(addressing)" xmlns:d="\(discovery)" \
            xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>\
            <a:Action s:mustUnderstand="1">\(discovery)/Probe</a:Action><a:MessageID>\(name(id))</a:MessageID>\
            <a:ReplyTo><a:Address>\(addressing)/role/anonymous</a:Address></a:ReplyTo>\
            <a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>\
            <s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>
            """.utf8)
    }
    private static func name(_ id: UUID) -> String { "uuid:\(id.uuidString.lowercased())" }
    /// Whether a message is said to be the answer to the probe `id`; some write `urn:` in front.
    static func answers(_ id: UUID, _ envelope: XMLTree) -> Bool {
        envelope.at("Header", "RelatesTo")?.word?.lowercased().hasSuffix(name(id)) ?? false
    }

    /// An operation of the device (`tds`) or of its media service (`trt`).
    static func request(_ body: String, as token: String = "") -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <s:Envelope xmlns:s="\(envelope)" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="\(media)" \
            xmlns:tt="http://www.onvif.org/ver10/schema"><s:Header>\(token)</s:Header><s:Body>\(body)</s:Body></s:Envelope>
            """.utf8)
    }
    /// Who asks, by a digest (WS-Security UsernameToken Profile 1.0): the password itself is not sent.
    /// - Parameter time: by the clock of the device.
    static func token(
        _ credentials: CameraCredentials, at time: Date, nonce: [UInt8] = (0..<16).map { _ in .random(in: 0...255) }
    ) -> String {
        let security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
        let created = time.formatted(.iso8601)
        let digest = Data(Insecure.SHA1.hash(data: nonce + Array(created.utf8) + Array(credentials.password.utf8)))
        return """
            <w:Security s:mustUnderstand="1" xmlns:w="\(security)-wssecurity-secext-1.0.xsd" \
            xmlns:u="\(security)-wssecurity-utility-1.0.xsd"><w:UsernameToken>\
            <w:Username>\(credentials.login.escapedForXML)</w:Username>\
            <w:Password Type="\(security)-username-token-profile-1.0#PasswordDigest">\(digest.base64EncodedString())\
            </w:Password>\
            <w:Nonce EncodingType="\(security)-soap-message-security-1.0#Base64Binary">\
            \(Data(nonce).base64EncodedString())</w:Nonce><u:Created>\(created)</u:Created></w:UsernameToken></w:Security>
            """
    }
}
