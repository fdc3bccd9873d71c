/// How alike two faces are, as answers tell it, by the cosine between their descriptors.
///
/// Grows with the cosine, on two straight lines: 0 for faces that have nothing in common (a cosine of 0 or less), 0.9, by which verifiers judge
/// where nobody says otherwise, for the cosine from which the network's authors take two faces for one person's, 1 for the same descriptor.
/// 0.81, the contract's default for clustering, is nine tenths of the authors' cosine: 0.3267.
///
/// At these two, 1.1 % and 2.1 % of labelled pairs of two people were taken for one person's, and 19 % and 12 % of people's own pairs missed;
/// 0.921 is where 0.1 % begin, which a list of many needs: `docs/measurements.md`, Faces known again. The authors tell an accuracy of 0.99 on
/// LFW at theirs, which says nothing of small or blurred faces.
public enum Similarity {
    /// Verifiers' default.
    public static let verification = 0.9
    public static let clustering = 0.81
    /// Two faces above it are one person's. Source: OpenCV Zoo, `face_recognition_sface`.
    public static let authorsCosine = 0.363

    public static func of(cosine: Double) -> Double {
        if cosine <= 0 { return 0 }
        if cosine < authorsCosine { return verification * cosine / authorsCosine }
        return verification + (1 - verification) * (min(1, cosine) - authorsCosine) / (1 - authorsCosine)
    }
    /// The cosine that has a similarity; of 0, the greatest.
    /// - Parameter similarity: `0...1`.
    public static func cosine(of similarity: Double) -> Double {
        if similarity < verification { return authorsCosine * similarity / verification }
        return authorsCosine + (1 - authorsCosine) * (similarity - verification) / (1 - verification)
    }
}
